/**
 * Tells of a signal while a computation keeps the main thread from hearing it.
 *
 * @module
 */
import type { Heraldry } from "./herald_thread.ts";

/** A thread that listens too; dispose it. Where no thread can be started, only the main one listens. */
export class Herald implements Disposable {
  readonly #told = new Int32Array(new SharedArrayBuffer(4));
  #thread: Worker | undefined;

  /**
   * @param notices What is told of each signal
   */
  constructor(notices: Heraldry["notices"]) {
    try {
      this.#thread = new Worker(new URL("./herald_thread.ts", import.meta.url), { type: "module" });
    } catch {
      return; // e.g. its file may not be read
    }
    this.#thread.onerror = (event) => event.preventDefault();
    this.#thread.postMessage({ told: this.#told, notices } satisfies Heraldry);
  }

  /** Whether nobody has told of a signal yet; from here on somebody has. */
  claim(): boolean {
    return Atomics.compareExchange(this.#told, 0, 0, 1) === 0;
  }

  [Symbol.dispose](): void {
    this.#thread?.terminate();
  }
}
