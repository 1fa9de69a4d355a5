/**
 * Steps of one process and of two workers, in turn.
 *
 * @module
 */
import { join } from "node:path";
import { medianOf } from "./result.ts";
import { startWorkers } from "./start_workers.ts";

/** Steps that record, compile and warm up. */
const WARM_UP = 3;

/** A training, in as many processes as there are folders or workers. */
export interface Workload {
  /** The words of `realign train`, without batch size and folders. */
  readonly words: readonly string[];
  readonly batchSize: number;
}

/** Runs a training in some processes to its end. */
async function run(
  { words, batchSize }: Workload,
  count: number,
  runs: string,
): Promise<void> {
  const own = [`--train.batchSize=${batchSize}`, "--cache", "off", "--runs", runs];
  const workers = startWorkers(count, () => ["train", ...words, ...own]);
  for (const { code, error } of await Promise.all(workers.map(({ ended }) => ended))) {
    if (code !== 0) throw new Error(`Cannot measure: ${error.trim().split("\n").at(-1)}`);
  }
}

/** The median seconds of G's steps of the only run in a folder. */
async function stepSeconds(runs: string): Promise<number> {
  const [run] = [...Deno.readDirSync(runs)];
  const text = await Deno.readTextFile(join(runs, run.name, "metrics.jsonl"));
  const steps = text.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ stage }) => stage === "train").slice(WARM_UP);
  return medianOf(steps.map(({ seconds }) => seconds));
}

/** Seconds of a step of `count` workers that share the batch. */
export async function together(work: Workload, count: number, folder: string): Promise<number> {
  const runs = join(folder, crypto.randomUUID());
  await run(work, count, runs);
  return await stepSeconds(runs);
}

/** Seconds of a step of two processes at once, each with half of the batch and no exchange; the slower one's. */
export async function apart(work: Workload, folder: string): Promise<number> {
  const half = { ...work, batchSize: work.batchSize / 2 };
  const runs = [0, 1].map(() => join(folder, crypto.randomUUID()));
  await Promise.all(runs.map((one) => run(half, 1, one)));
  return Math.max(...await Promise.all(runs.map(stepSeconds)));
}
