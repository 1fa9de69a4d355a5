/**
 * Random workers are killed at random moments, and the run goes on each time.
 *
 * @module
 */
import { createRandom, type HostTensor, parseSafetensors } from "@realign/core";
import { join } from "node:path";
import { distanceOf } from "./distance.ts";
import { startWorkers } from "./start_workers.ts";

/** A run's last step and final weights; undefined as long as it has none. */
interface RunState {
  readonly steps: number;
  readonly weights: ReadonlyMap<string, HostTensor> | undefined;
}

async function stateOf(runs: string): Promise<RunState> {
  const names = await Array.fromAsync(Deno.readDir(runs), ({ name }) => name).catch(() => []);
  if (names.length === 0) return { steps: 0, weights: undefined };
  const folder = join(runs, names[0]);
  const text = await Deno.readTextFile(join(folder, "metrics.jsonl")).catch(() => "");
  const steps = text.split("\n").filter((line) => line.includes('"stage":"train",')).length;
  const path = join(folder, "checkpoints", "train-final.safetensors");
  const bytes = await Deno.readFile(path).catch(() => undefined);
  return { steps, weights: bytes && parseSafetensors(bytes, path).tensors };
}

/** When a worker is killed: some time after the run has come further than it was. */
interface Kill {
  readonly worker: number;
  /** Milliseconds. */
  readonly after: number;
  readonly isUnderWay: () => Promise<boolean>;
}

/** Starts two workers, and kills one of them unless both end before. */
async function round(words: readonly string[], kill?: Kill): Promise<boolean> {
  const workers = startWorkers(2, () => [...words, "--cache", "off", "--worker-timeout", "30"]);
  const children = workers.map(({ child }) => child);
  let open = true;
  const ended = Promise.all(workers.map((worker) => worker.ended)).finally(() => open = false);
  let killed = false;
  if (kill) {
    while (open && !await kill.isUnderWay()) await sleep(50);
    await sleep(kill.after);
    killed = open;
    end(children[kill.worker]);
    // As launch does: the other one would wait for the whole timeout.
    await sleep(500);
    children.forEach(end);
  }
  const failed = (await ended).find(({ code }) => code !== 0);
  if (failed && !killed) throw new Error(failed.error);
  return killed;
}

const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

/**
 * Kills workers until it was done so often, then lets the run end.
 *
 * @param preset The words of the training
 * @param count Number of kills
 * @param folder For runs
 * @param note Told of each kill
 * @returns Steps of the training, those that were computed again, the distance from a run that was not killed
 */
export async function survive(
  preset: readonly string[],
  count: number,
  folder: string,
  note: (line: string) => void,
): Promise<{ count: number; steps: number; repeated: number; distance: number }> {
  const [whole, hit] = ["whole", "hit"].map((name) => join(folder, name));
  await round(["train", ...preset, "--runs", whole]);
  const { steps, weights } = await stateOf(whole);
  const random = createRandom(1, "kills");
  let repeated = 0;
  for (let done = 0; done < count;) {
    const before = await stateOf(hit);
    const words = await hasRun(hit)
      ? ["train", "--resume", "latest", "--runs", hit]
      : ["train", ...preset, "--runs", hit];
    const worker = random.integer(2);
    const isUnderWay = async () => (await stateOf(hit)).steps > Math.max(5, before.steps);
    const isKilled = await round(words, { worker, after: random.integer(1500), isUnderWay });
    const { steps: reached, weights } = await stateOf(hit);
    if (!isKilled || weights) {
      throw new Error("Cannot kill a run that has ended: give it more steps");
    }
    done++;
    repeated += await behind(hit, reached);
    note(`kill ${done}: worker ${worker}, at step ${reached}`);
  }
  await round(["train", "--resume", "latest", "--runs", hit]);
  const { weights: found } = await stateOf(hit);
  return { count, steps, repeated, distance: distanceOf(weights!, found!) };
}

async function hasRun(runs: string): Promise<boolean> {
  return (await Array.fromAsync(Deno.readDir(runs)).catch(() => [])).length > 0;
}

/** Steps since the last checkpoint. */
async function behind(runs: string, steps: number): Promise<number> {
  const [run] = [...Deno.readDirSync(runs)];
  if (!run) return 0;
  const folder = join(runs, run.name, "checkpoints");
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
  const kept = names.map((name) => Number(/^train-(\d+)\./.exec(name)?.[1] ?? 0));
  return Math.max(0, steps - Math.max(0, ...kept));
}
