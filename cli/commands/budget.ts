/**
 * `--budget`: how long an evaluation may take.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Timers hold no longer times: about 24 days. */
const MOST = 2 ** 31 / 1000 - 1;

/** Reads a time as seconds: "90s", "30m", "2h". */
export function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text.trim()) ?? [];
  const seconds = Number(number) * SECONDS[unit];
  if (seconds > 0 && seconds <= MOST) return seconds;
  throw new InvalidArgumentError("It must be a time such as 90s, 30m or 2h.");
}

/** Time that runs from its making on; dispose it. */
export class Budget implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param seconds Until it is over; undefined for never */
  constructor(seconds: number | undefined) {
    if (seconds === undefined) return;
    const over = () => this.#controller.abort(new Error(`The ${seconds} s of --budget are over`));
    this.#timer = setTimeout(over, 1000 * seconds);
  }

  /** Aborted once the time is over; undefined where it never is. */
  get signal(): AbortSignal | undefined {
    return this.#timer === undefined ? undefined : this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
