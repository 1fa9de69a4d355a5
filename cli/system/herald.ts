/**
 * Tells of a signal while a computation keeps the main thread from hearing it.
 *
 * @module
 */
import type { Heraldry } from "./herald_thread.ts";

/**
 * Milliseconds after which the event loops of both threads look for signals, whether they were woken or not: with
 * two threads that listen, a loop that only waits was once seen to sleep through a signal.
 */
const PULSE = 400;

/** A thread that listens too; dispose it. Where no thread can be started, only the main one listens. */
export class Herald implements Disposable {
  readonly #heard = new Int32Array(new SharedArrayBuffer(4));
  readonly #pulse: ReturnType<typeof setInterval>;
  #thread: Worker | undefined;

  /**
   * @param notices What is told of each signal
   */
  constructor(notices: Heraldry["notices"]) {
    this.#pulse = setInterval(() => {}, PULSE);
    try {
      this.#thread = new Worker(new URL("./herald_thread.ts", import.meta.url), { type: "module" });
    } catch {
      return; // e.g. its file may not be read
    }
    this.#thread.onerror = (event) => event.preventDefault();
    this.#thread.postMessage({ heard: this.#heard, notices, pulse: PULSE } satisfies Heraldry);
  }

  /** The main thread has heard a signal and tells of it itself. */
  heard(): void {
    Atomics.store(this.#heard, 0, 1);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pulse);
    this.#thread?.terminate();
  }
}
