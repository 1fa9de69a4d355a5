/**
 * `metrics.jsonl`: one line a step, appended as training goes.
 *
 * @module
 */
import type { StepRecord } from "@realign/core";
import { fileError } from "../system/failure.ts";
import { openInPlace, readIfThere, writeSafely } from "../system/safe_file.ts";

/** What is known of one step. */
export type MetricsLine = StepRecord;

/** The metrics of a run. */
export class MetricsFile implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Adds a line. Throws one line if the disk is full. */
  async append(line: MetricsLine): Promise<void> {
    try {
      this.#file ??= await openInPlace(this.#path, { append: true });
      const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
      for (let done = 0; done < bytes.length;) done += await this.#file.write(bytes.subarray(done));
    } catch (error) {
      throw fileError("write", this.#path, error);
    }
  }

  /** All whole lines; one that a kill cut short, or that is damaged, is left out. */
  async read(): Promise<MetricsLine[]> {
    const bytes = await readIfThere(this.#path);
    const lines: MetricsLine[] = [];
    for (const text of new TextDecoder().decode(bytes).split("\n")) {
      const line = parseLine(text);
      if (line) lines.push(line);
    }
    return lines;
  }

  /**
   * Forgets the steps of a stage that come after a checkpoint, since they will be made again.
   *
   * @param stage Which stage goes on
   * @param step The last step that stays
   */
  async rewind(stage: MetricsLine["stage"], step: number): Promise<void> {
    this[Symbol.dispose]();
    if (await readIfThere(this.#path) === undefined) return;
    const kept = (await this.read()).filter((line) => line.stage !== stage || line.step <= step);
    await writeSafely(this.#path, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** A line that is a step's; undefined for any other. A long run has many, so this must be quick. */
function parseLine(text: string): MetricsLine | undefined {
  try {
    const line = JSON.parse(text);
    const { stage, step, epoch, learningRate, seconds, losses } = line;
    const isStep = typeof stage === "string" && typeof losses === "object" &&
      [step, epoch, learningRate, seconds, ...Object.values(losses)].every(Number.isFinite);
    return isStep ? line : undefined;
  } catch {
    return undefined;
  }
}
