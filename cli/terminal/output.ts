/**
 * Output of commands: results on standard output, everything else on standard error.
 *
 * @module
 */
import { Interruption } from "../system/interruption.ts";
import { formatJson } from "../system/json.ts";
import { printableJson, printNote, printResult } from "./print.ts";
import { Progress } from "./progress.ts";

/** Where a command writes, and what it hears meanwhile. */
export class Output {
  /** Whether results are one JSON document. */
  readonly json: boolean;
  readonly progress: Progress = new Progress();
  /** Signals that end the command. */
  readonly interruption: Interruption;
  readonly #warned = new Set<string>();
  #details: string[] | undefined = [];

  /**
   * @param json Whether results are one JSON document
   * @param interruption Signals. Default: none is heard
   */
  constructor(json: boolean, interruption: Interruption = new Interruption()) {
    this.json = json;
    this.interruption = interruption;
  }

  /** All warnings so far. */
  get warnings(): readonly string[] {
    return [...this.#warned];
  }

  /** Prints a note about progress. */
  note(text: string): void {
    printNote(text);
  }

  /** Prints what matters only if the work starts: held back until `ready`, so that an error stands alone. */
  detail(text: string): void {
    if (this.#details) this.#details.push(text);
    else this.note(text);
  }

  /** The work starts: prints the details so far. */
  ready(): void {
    const details = this.#details ?? [];
    this.#details = undefined;
    for (const text of details) this.note(text);
  }

  /** Prints a warning that belongs to the results; each one only once. */
  readonly warn = (text: string): void => {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    printNote(`warning: ${text}`);
  };

  /**
   * Writes the result.
   *
   * @param value What `--json` prints
   * @param text What is printed otherwise
   */
  result(value: unknown, text: string): void {
    printResult(this.json ? printableJson(formatJson(value)) : text);
  }
}
