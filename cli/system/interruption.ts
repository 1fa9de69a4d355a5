/**
 * Ctrl-C: once to end after the step that is under way, twice to end at once.
 *
 * @module
 */

/** Listens for Ctrl-C while it is held; dispose it. */
export class Interruption implements Disposable {
  #requested = false;
  readonly #listener: () => void;

  /** @param notify Told once that the work will end */
  constructor(notify: (text: string) => void) {
    this.#listener = () => {
      // The next Ctrl-C finds no listener and ends the process.
      this[Symbol.dispose]();
      this.#requested = true;
      notify("ending after this step and saving; Ctrl-C again to end at once");
    };
    Deno.addSignalListener("SIGINT", this.#listener);
  }

  /** Whether the work should end. */
  get requested(): boolean {
    return this.#requested;
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#listener);
  }
}
