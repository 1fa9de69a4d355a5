/**
 * Signals that end a command: the first one after what is under way was saved, the second one at once.
 *
 * @module
 */
import { pause } from "@realign/core";
import { AGAIN, Interrupted, type SignalExitCode, type StopExitCode } from "./failure.ts";
import { Herald } from "./herald.ts";
import { handleSignalsOnce } from "./second_signal.ts";

/** What a process is told to end by: Ctrl-C, `kill`, and the warning that batch queues send before they kill. */
const SIGNALS: Readonly<Partial<Record<Deno.Signal, SignalExitCode>>> = Deno.build.os === "windows"
  ? { SIGINT: 130, SIGBREAK: 130 }
  : { SIGINT: 130, SIGTERM: 143, SIGUSR1: 143 };

/** Signals that the system itself ends a process by, once nobody listens. By default SIGUSR1 opens a debugger. */
const ENDS = (signal: Deno.Signal) => signal !== "SIGUSR1";

/** What ends one command. Hears nothing before {@linkcode listen}; dispose it. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<Deno.Signal, () => void>();
  readonly #notify: (text: string) => void;
  #line: string | undefined;
  #herald: Herald | undefined;
  #exitCode: StopExitCode | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSignalled = false;

  /**
   * @param notify Told what a signal will do
   * @param line The command, for whoever goes on with it
   */
  constructor(notify: (text: string) => void = () => {}, line = "") {
    this.#notify = notify;
    this.#line = line;
  }

  /** Hears signals from here on. As long as there is nothing to save, one ends the process. */
  listen(): this {
    for (const [name, exitCode] of Object.entries(SIGNALS)) {
      const signal = name as Deno.Signal;
      if (this.#listeners.has(signal)) continue;
      const listener = () => this.#hear(signal, exitCode);
      this.#listeners.set(signal, listener);
      Deno.addSignalListener(signal, listener);
    }
    handleSignalsOnce();
    return this;
  }

  /**
   * From here on there is something to save: the work itself ends, at its next check. A step that lets no
   * signal in is computed to its end first, and a thread of its own tells of the signal meanwhile.
   */
  hold(): void {
    this.#line = undefined;
    if (this.#herald || this.#listeners.size === 0) return;
    const signals = [...this.#listeners.keys()];
    const notices = signals.map((signal) =>
      [
        signal,
        `${signal}: ending after the step that is being computed; a second one ends at once`,
      ] as const
    );
    this.#herald = new Herald(Object.fromEntries(notices));
  }

  /**
   * Ends the work as a signal does, with the exit code that says that the same command goes on.
   *
   * @param why Told
   */
  end(why: string): void {
    if (this.#exitCode === undefined) this.#stop(why, AGAIN);
  }

  /** {@linkcode end} after a time; hours, at most 596. */
  endAfter(hours: number, why: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(why), 3_600_000 * hours);
  }

  /** Aborted by the first signal; its reason is an {@linkcode Interrupted}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code of what ended the work; undefined where nothing did. */
  get exitCode(): StopExitCode | undefined {
    return this.#exitCode;
  }

  /** Whether the work should end. */
  get requested(): boolean {
    return this.#exitCode !== undefined;
  }

  /** Lets signals in. Throws Interrupted if the work should end: call it between stages. */
  async check(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.signal.throwIfAborted();
  }

  /** As `check`, but lets signals in ten times a second at most: call it in loops. */
  async pause(): Promise<void> {
    await pause(this.signal);
  }

  #hear(signal: Deno.Signal, exitCode: SignalExitCode): void {
    if (this.#isSignalled) Deno.exit(this.#exitCode);
    this.#isSignalled = true;
    this.#herald?.heard();
    const isFirst = this.#exitCode === undefined;
    if (isFirst && this.#line !== undefined) this.#stop("", exitCode);
    // The system ends the process by the next one, however busy it is.
    for (const other of [...this.#listeners.keys()].filter(ENDS)) this.#remove(other);
    const notice = `${signal}: ending as soon as what was made is saved; a second one ends at once`;
    if (isFirst) this.#stop(notice, exitCode);
    else this.#notify(notice);
  }

  #stop(notice: string, exitCode: StopExitCode): void {
    this.#exitCode = exitCode;
    if (this.#line !== undefined) {
      this.#notify(`${new Interrupted("Stopped before anything was made", exitCode, this.#line)}`);
      Deno.exit(exitCode);
    }
    this.#controller.abort(new Interrupted("Stopped", exitCode));
    this.#notify(notice);
  }

  #remove(signal: Deno.Signal): void {
    Deno.removeSignalListener(signal, this.#listeners.get(signal)!);
    this.#listeners.delete(signal);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#herald?.[Symbol.dispose]();
    for (const signal of [...this.#listeners.keys()]) this.#remove(signal);
  }
}
