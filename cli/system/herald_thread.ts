/**
 * The thread of a {@linkcode Herald}.
 *
 * @module
 */

/** What the thread is told at its start. */
export interface Heraldry {
  /** Shared by both threads: 1 once the main thread has heard a signal. */
  readonly heard: Int32Array;
  /** What is told of each signal. */
  readonly notices: Readonly<Partial<Record<Deno.Signal, string>>>;
  /** Milliseconds after which the thread's event loop looks for signals, whether it was woken or not. */
  readonly pulse: number;
}

/** Milliseconds that the main thread has to hear a signal itself. */
const PATIENCE = 700;

self.onmessage = ({ data: { heard, notices, pulse } }: MessageEvent<Heraldry>) => {
  const listeners = Object.entries(notices).map(([name, notice]) =>
    [name as Deno.Signal, () => {
      // From here on signals are the main thread's and the system's.
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
      setTimeout(() => {
        if (Atomics.load(heard, 0) === 0) console.error(notice);
      }, PATIENCE);
    }] as const
  );
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  setInterval(() => {}, pulse);
};
