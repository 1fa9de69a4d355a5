/**
 * The thread of a {@linkcode Herald}.
 *
 * @module
 */

/** What the thread is told at its start. */
export interface Heraldry {
  /** Shared by both threads: 1 once somebody has told of a signal. */
  readonly told: Int32Array;
  /** What is told of each signal. */
  readonly notices: Readonly<Partial<Record<Deno.Signal, string>>>;
}

/** Milliseconds that the main thread has to tell of a signal itself. */
const PATIENCE = 700;

self.onmessage = ({ data: { told, notices } }: MessageEvent<Heraldry>) => {
  const listeners = Object.entries(notices).map(([name, notice]) =>
    [name as Deno.Signal, () => {
      // From here on signals are the main thread's and the system's.
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
      setTimeout(() => {
        if (Atomics.compareExchange(told, 0, 0, 1) === 0) console.error(notice);
      }, PATIENCE);
    }] as const
  );
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
};
