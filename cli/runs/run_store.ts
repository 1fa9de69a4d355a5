/**
 * All files of a run, `runs/ID/`: run.json, metrics.jsonl, checkpoints/, evaluation.json, pictures/,
 * report.html. Whole files are written aside and renamed; see files/safe_file.ts.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { fileError } from "../system/failure.ts";
import { CheckpointFolder } from "./checkpoint_folder.ts";
import { formatJson } from "../system/json.ts";
import { quoteWord } from "../system/shell_words.ts";
import { MetricsFile } from "./metrics_file.ts";
import { findRun } from "./find_run.ts";
import { RunLock } from "./run_lock.ts";
import { newRunId, parseRunRecord, type RunRecord } from "./run_record.ts";
import {
  assertMayWrite,
  assertNoLink,
  isThere,
  listFiles,
  makeFolder,
  readIfThere,
  readJson,
  removePartials,
  writeSafely,
} from "../system/safe_file.ts";

/** What a new run is told of itself. */
export type NewRun = Omit<RunRecord, "version" | "id" | "created" | "stages">;

/** A run's folder. Holds its lock and open files; dispose it. */
export class RunStore implements Disposable {
  /** The run's folder. */
  readonly folder: string;
  /** Where results (evaluation, images, report) are written; by default the run's folder. */
  readonly results: string;
  readonly metrics: MetricsFile;
  readonly checkpoints: CheckpointFolder;
  #record: RunRecord;
  readonly #lock: RunLock | undefined;
  #isNew = false;
  #isDisposed = false;

  private constructor(
    folder: string,
    record: RunRecord,
    lock: RunLock | undefined,
    warn: (message: string) => void,
    results = folder,
  ) {
    this.folder = folder;
    this.results = results;
    this.metrics = new MetricsFile(join(folder, "metrics.jsonl"));
    this.checkpoints = new CheckpointFolder(join(folder, "checkpoints"), warn);
    this.#record = record;
    this.#lock = lock;
  }

  /**
   * Makes the folder of a new run.
   *
   * @param runs The folder of all runs
   * @param run What it is made from
   * @param warn Told of damaged files
   * @returns The run, locked
   * @throws {Error} One line if the folder cannot be written; it is removed then
   */
  static async create(
    runs: string,
    run: NewRun,
    warn: (message: string) => void,
  ): Promise<RunStore> {
    const now = new Date();
    const id = newRunId(run.preset.name, now);
    const folder = join(runs, id);
    await makeFolder(runs);
    await Deno.mkdir(folder).catch((error) => {
      throw fileError("make the folder", folder, error);
    });
    const record: RunRecord = { version: 2, id, created: now.toISOString(), ...run, stages: {} };
    const lock = await RunLock.take(folder);
    const store = new RunStore(folder, record, lock, warn);
    store.#isNew = true;
    try {
      await store.update({});
      return store;
    } catch (error) {
      await store.discardUnbegun();
      throw error;
    }
  }

  /**
   * Opens a run to go on with it.
   *
   * @param runs The folder of all runs
   * @param name Its ID, the beginning of one, "latest", or a path
   * @param warn Told of damaged files
   * @param out Where results are written instead of the run's folder, which then stays unchanged
   * @returns The run, locked unless `out` is set
   * @throws {UsageError} If there is no such run
   * @throws {Error} If another process works on it, or its lock or one of its folders is a link
   */
  static async open(
    runs: string,
    name: string,
    warn: (message: string) => void,
    out?: string,
  ): Promise<RunStore> {
    if (out !== undefined) return await RunStore.read(runs, name, warn, out);
    const folder = await findRun(runs, name);
    const lock = await RunLock.take(folder);
    try {
      await assertOwnFolders(folder);
      await removePartials(folder);
      await removePartials(join(folder, "checkpoints"));
      return new RunStore(folder, await readRecord(folder), lock, warn);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Opens a run to read it only: without a lock, also while another process works on it.
   *
   * @param runs The folder of all runs
   * @param name Its ID, the beginning of one, "latest", or a path
   * @param warn Told of damaged files
   * @param out Where results are written. Default: the run's folder
   */
  static async read(
    runs: string,
    name: string,
    warn: (message: string) => void,
    out?: string,
  ): Promise<RunStore> {
    const folder = await findRun(runs, name);
    if (out !== undefined) await assertMayWrite(out);
    return new RunStore(folder, await readRecord(folder), undefined, warn, out);
  }

  /** What the run says of itself. */
  get record(): RunRecord {
    return this.#record;
  }

  /** The run's name. */
  get id(): string {
    return this.#record.id;
  }

  /** How a command finds the run: its folder's name if that is in "runs", else the path. */
  get word(): string {
    const { folder } = this;
    return dirname(folder) === "runs" ? basename(folder) : resolve(folder);
  }

  /** {@linkcode word} as it is pasted into a shell: for messages. */
  get handle(): string {
    return quoteWord(this.word);
  }

  /** Removes a run that this process began and that has not come to a step. */
  async discardUnbegun(): Promise<void> {
    const isUnbegun = Object.keys(this.#record.stages).length === 0 &&
      !await this.checkpoints.hasSteps();
    if (!this.#isNew || !isUnbegun) return;
    this[Symbol.dispose]();
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }

  /** Changes and saves what the run says of itself. */
  async update(changes: Partial<Omit<RunRecord, "version" | "id" | "preset">>): Promise<void> {
    this.#record = { ...this.#record, ...changes };
    await this.writeJson("run.json", this.#record);
  }

  /** Writes one of the run's files as JSON. */
  async writeJson(name: string, value: unknown): Promise<void> {
    await this.write(name, `${formatJson(value)}\n`);
  }

  /** Names of the run's files, results included, without folders. */
  async list(): Promise<string[]> {
    const names = [...await listFiles(this.folder), ...await listFiles(this.results)];
    return [...new Set(names)].sort();
  }

  /** Reads one of the run's JSON files; undefined where it is not there. */
  async readJson(name: string): Promise<unknown> {
    return readJson(await this.#place(name));
  }

  /**
   * Writes one of the run's files, e.g. "report.html" or "pictures/01-clean.png".
   *
   * @returns Its path
   */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(name === "run.json" ? this.folder : this.results, name);
    if (name.includes("/") || this.results !== this.folder) await makeFolder(join(path, ".."));
    await writeSafely(path, content);
    return path;
  }

  /** Removes one of the run's files, if it is there. */
  async remove(name: string): Promise<void> {
    await Deno.remove(join(this.results, name)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  /** Reads one of the run's files; undefined where it is not there. */
  async readBytes(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return readIfThere(await this.#place(name));
  }

  /** The path to read a file from: results come from `results` if it has an evaluation. */
  async #place(name: string): Promise<string> {
    if (this.results === this.folder || name === "run.json") return join(this.folder, name);
    const own = await isThere(join(this.results, "evaluation.json")) ||
      !name.includes("/") && await isThere(join(this.results, name));
    return join(own ? this.results : this.folder, name);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.metrics[Symbol.dispose]();
    this.#lock?.[Symbol.dispose]();
  }
}

async function readRecord(folder: string): Promise<RunRecord> {
  const path = join(folder, "run.json");
  return parseRunRecord(await readJson(path), path);
}

/** Fails if what is written into a run would land, or remove files, elsewhere. */
async function assertOwnFolders(folder: string): Promise<void> {
  for (const name of ["checkpoints", "pictures"]) {
    await assertNoLink(join(folder, name)).catch((error) => {
      throw fileError("write into", folder, error);
    });
  }
}
