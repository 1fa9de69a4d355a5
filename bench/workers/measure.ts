/**
 * Steps of one process and of two workers, in turn.
 *
 * @module
 */
import { join } from "node:path";
import { freeAddresses, workerVariables } from "../../cli/system/local_cluster.ts";
import { startRealign } from "../../cli/testing.ts";
import { medianOf } from "./result.ts";

/** Steps that record, compile and warm up. */
const WARM_UP = 3;

/** A training, in as many processes as there are folders or workers. */
export interface Workload {
  /** The words of `realign train`, without batch size and folders. */
  readonly words: readonly string[];
  readonly batchSize: number;
}

/** Ends a process of a measurement that failed. */
async function mustEnd(child: Deno.ChildProcess): Promise<void> {
  const { code, stderr } = await child.output();
  if (code === 0) return;
  throw new Error(`Cannot measure: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`);
}

/** The median seconds of G's steps of the only run in a folder. */
async function stepSeconds(runs: string): Promise<number> {
  const [run] = [...Deno.readDirSync(runs)];
  const text = await Deno.readTextFile(join(runs, run.name, "metrics.jsonl"));
  const steps = text.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ stage }) => stage === "train").slice(WARM_UP);
  return medianOf(steps.map(({ seconds }) => seconds));
}

function start(
  { words, batchSize }: Workload,
  runs: string,
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  const own = [`--train.batchSize=${batchSize}`, "--threads", "1", "--cache", "off"];
  return startRealign(["train", ...words, ...own, "--runs", runs], { env });
}

/** Seconds of a step of `count` workers that share the batch. */
export async function together(work: Workload, count: number, folder: string): Promise<number> {
  const runs = join(folder, crypto.randomUUID());
  const addresses = freeAddresses(count);
  const all = addresses.map((_, index) => start(work, runs, workerVariables(addresses, index)));
  await Promise.all(all.map(mustEnd));
  return await stepSeconds(runs);
}

/** Seconds of a step of two processes at once, each with half of the batch and no exchange; the slower one's. */
export async function apart(work: Workload, folder: string): Promise<number> {
  const half = { ...work, batchSize: work.batchSize / 2 };
  const runs = [0, 1].map(() => join(folder, crypto.randomUUID()));
  await Promise.all(runs.map((one) => mustEnd(start(half, one))));
  return Math.max(...await Promise.all(runs.map(stepSeconds)));
}
