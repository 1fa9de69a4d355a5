/**
 * Checkpoints of a run: the last two of each stage and its final one, each with its own digest.
 *
 * @module
 */
import { formatSafetensors, type HostTensor, parseSafetensors } from "@realign/core";
import { activeWorkers, fromFirst } from "@realign/core/workers";
import { join } from "node:path";
import { listFiles, makeFolder, readIfThere, sha256, writeSafely } from "../system/safe_file.ts";

/** What stands in a file's metadata until its digest is known. As long as a digest. */
const PLACEHOLDER = new TextEncoder().encode("0".repeat(64));

/** Words that go with a checkpoint to other workers. */
const PATH = "realign.path", STEP = "realign.step";

/** The name of a checkpoint after a step: its stage and the step. */
const AFTER_STEP = /^(.+)-(\d{8,})\.safetensors$/;

/** What a checkpoint holds. */
export interface CheckpointContent {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A checkpoint that was read and found whole. */
export interface LoadedCheckpoint extends CheckpointContent {
  readonly path: string;
  /** The step it was made after, or "final". */
  readonly step: number | "final";
}

/** The checkpoints of a run. Of several workers the first has the files, and the others what it reads. */
export class CheckpointFolder {
  readonly #folder: string;
  readonly #warn: (message: string) => void;

  /**
   * @param folder Made when the first checkpoint is saved
   * @param warn Called for every skipped damaged file
   */
  constructor(folder: string, warn: (message: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /**
   * Saves a checkpoint and drops those older than the one before it.
   *
   * @param stage E.g. "train"
   * @param step The step it was made after, or "final"
   * @param content Tensors by name, and words to go with them
   * @throws {Error} One line if it cannot be written, or holds what is not a number; those before it
   * stay then
   */
  async save(stage: string, step: number | "final", content: CheckpointContent): Promise<void> {
    assertNumbers(stage, step, content);
    if (activeWorkers().index > 0) return;
    await makeFolder(this.#folder);
    const name = step === "final" ? "final" : String(step).padStart(8, "0");
    const metadata = { ...content.metadata, sha256: new TextDecoder().decode(PLACEHOLDER) };
    const bytes = formatSafetensors(content.tensors, metadata);
    bytes.set(new TextEncoder().encode(sha256(bytes)), digestPlace(bytes)!);
    await writeSafely(this.#path(`${stage}-${name}.safetensors`), bytes);
    const old = (await this.#steps(stage)).slice(2);
    for (const { name } of old) await Deno.remove(this.#path(name)).catch(() => {});
  }

  /**
   * Reads the newest checkpoint that is whole, warning of each that is not.
   *
   * @param stage E.g. "train"
   * @returns Undefined where there is none
   */
  latest(stage: string): Promise<LoadedCheckpoint | undefined> {
    return ofFirst(() => this.#latest(stage));
  }

  async #latest(stage: string): Promise<LoadedCheckpoint | undefined> {
    for (const { name, step } of await this.#steps(stage)) {
      const file = await this.#read(name, step);
      if (file) return file;
    }
    return undefined;
  }

  /** Reads the final checkpoint of a stage; undefined where there is none that is whole. */
  final(stage: string): Promise<LoadedCheckpoint | undefined> {
    return ofFirst(() => this.#read(`${stage}-final.safetensors`, "final"));
  }

  /** Whether any stage was saved after a step. */
  async hasSteps(): Promise<boolean> {
    return (await listFiles(this.#folder)).some((name) => AFTER_STEP.test(name));
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  /** A stage's files, the newest first. */
  async #steps(stage: string): Promise<{ name: string; step: number }[]> {
    const found: { name: string; step: number }[] = [];
    for (const name of await listFiles(this.#folder)) {
      const digits = AFTER_STEP.exec(name);
      if (digits?.[1] === stage) found.push({ name, step: Number(digits[2]) });
    }
    return found.sort((a, b) => b.step - a.step);
  }

  async #read(name: string, step: number | "final"): Promise<LoadedCheckpoint | undefined> {
    const path = this.#path(name);
    const bytes = await readIfThere(path);
    if (bytes === undefined) return undefined;
    if (isWhole(bytes)) return { path, step, ...parseSafetensors(bytes, path) };
    this.#warn(`the checkpoint ${path} is damaged (truncated or modified), so it is skipped`);
    return undefined;
  }
}

/** What the first worker reads, on every worker. */
async function ofFirst(
  read: () => Promise<LoadedCheckpoint | undefined>,
): Promise<LoadedCheckpoint | undefined> {
  if (activeWorkers().count === 1) return await read();
  const bytes = await fromFirst(async () => {
    const found = await read();
    if (!found) return undefined;
    const { tensors, metadata, path, step } = found;
    return formatSafetensors(tensors, { ...metadata, [PATH]: path, [STEP]: String(step) });
  });
  if (!bytes) return undefined;
  const { tensors, metadata: { [PATH]: path, [STEP]: step, ...metadata } } = parseSafetensors(
    bytes,
    "the first worker's checkpoint",
  );
  return { tensors, metadata, path, step: step === "final" ? step : Number(step) };
}

/** Fails if a training has run away: its losses show it a step later, when it would be kept already. */
function assertNumbers(
  stage: string,
  step: number | "final",
  { tensors }: CheckpointContent,
): void {
  for (const [name, { data }] of tensors) {
    if (data.every(Number.isFinite)) continue;
    throw new Error(
      `Cannot save the checkpoint of "${stage}" at step ${step} as "${name}" contains NaN or infinity: lower the peak of its schedule`,
    );
  }
}

/** Whether a file is, to the last bit, what was sealed. */
function isWhole(bytes: Uint8Array): boolean {
  const place = digestPlace(bytes);
  if (place === undefined) return false;
  const end = place + PLACEHOLDER.length;
  const found = new TextDecoder().decode(bytes.subarray(place, end));
  return sha256(bytes.subarray(0, place), PLACEHOLDER, bytes.subarray(end)) === found;
}

/** Where in a safetensors file its digest stands: an 8-byte length comes first, then JSON. */
function digestPlace(bytes: Uint8Array): number | undefined {
  if (bytes.length < 8) return undefined;
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > bytes.length - 8) return undefined;
  // Latin-1 keeps one character a byte, so that positions in the text are positions in the file.
  const header = new TextDecoder("latin1").decode(bytes.subarray(8, 8 + length));
  const mark = /"sha256":"(?=[0-9a-f]{64}")/.exec(header);
  return mark ? 8 + mark.index + mark[0].length : undefined;
}
