/**
 * Progress on standard error: a bar on a terminal, occasional lines elsewhere.
 *
 * @module
 */
import { Presets, SingleBar } from "cli-progress";
import { printable, printNote } from "./print.ts";

/** Work in progress; dispose it when it ends or fails. */
export interface Task extends Disposable {
  /**
   * Updates the progress.
   *
   * @param done Number of units done
   * @param note A few words, e.g. the losses
   */
  update(done: number, note?: string): void;
}

/** Terminal and clock; tests replace them. */
export interface ProgressOptions {
  /** Whether standard error is a terminal. @default {Deno.stderr.isTerminal()} */
  readonly terminal?: boolean;
  /** Takes one line. @default {printNote} */
  readonly line?: (text: string) => void;
  /** Milliseconds. @default {performance.now} */
  readonly now?: () => number;
}

/** The used part of cli-progress, which has no types. */
interface Bar {
  start(total: number, done: number, payload: object): void;
  update(done: number, payload: object): void;
  stop(): void;
}

/** Shorter work shows no progress. */
const PATIENCE = 2_000;
/** Interval between lines without a terminal. */
const LINE_EVERY = 10_000;

/** Shows progress. */
export class Progress {
  readonly #terminal: boolean;
  readonly #line: (text: string) => void;
  readonly #now: () => number;

  constructor(options: ProgressOptions = {}) {
    this.#terminal = options.terminal ?? Deno.stderr.isTerminal();
    this.#line = options.line ?? printNote;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Starts a piece of work.
   *
   * @param label The label, e.g. "train the generator"
   * @param total Number of units
   * @param unit Name of the units, e.g. "steps"
   * @param from Units done before, in a resumed run
   */
  start(label: string, total: number, unit: string, from = 0): Task {
    return this.#terminal
      ? this.#bar(printable(label), total, unit, from)
      : this.#lines(label, total, unit, from);
  }

  #lines(label: string, total: number, unit: string, from: number): Task {
    const start = this.#now();
    let shown = start + PATIENCE - LINE_EVERY;
    let last = { done: from, note: "" };
    let begun = false;
    return {
      update: (done, note = "") => {
        last = { done, note };
        const now = this.#now();
        if (now - shown < LINE_EVERY || done >= total) return;
        shown = now;
        begun = true;
        const speed = (done - from) / (now - start);
        const left = speed > 0 ? `, ${formatDuration((total - done) / speed / 1000)} left` : "";
        this.#line(`${label}: ${done}/${total} ${unit}${left}${note && `, ${note}`}`);
      },
      [Symbol.dispose]: () => {
        if (!begun && this.#now() - start < LINE_EVERY) return;
        const took = formatDuration((this.#now() - start) / 1000);
        const note = last.note && `, ${last.note}`;
        this.#line(`${label}: ${last.done}/${total} ${unit} in ${took}${note}`);
      },
    };
  }

  #bar(label: string, total: number, unit: string, from: number): Task {
    const start = this.#now();
    let bar: Bar | undefined;
    return {
      update: (done, note = "") => {
        const now = this.#now();
        if (!bar) {
          if (now - start < PATIENCE) return;
          bar = new SingleBar({
            format: `${label} {bar} {value}/{total} ${unit}  {left}{note}`,
            barsize: 24,
            hideCursor: true,
            gracefulExit: false,
          }, Presets.shades_classic) as Bar;
          bar.start(total, done, { left: "", note: "" });
        }
        const speed = (done - from) / (now - start);
        const left = speed > 0 ? `${formatDuration((total - done) / speed / 1000)} left` : "";
        bar.update(done, { left, note: note && `, ${printable(note)}` });
      },
      [Symbol.dispose]: () => bar?.stop(),
    };
  }
}

/**
 * Formats a duration for people.
 *
 * @param seconds At least 0
 * @returns E.g. "0.4 s", "12 s", "3 min 5 s", "2 h 10 min"
 */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
