/**
 * Runs of seconds by several workers, for tests.
 *
 * @module
 */
import { type HostTensor, parseSafetensors } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { startRealign } from "../cli/testing.ts";

/** Settings at which rounding does not grow within 50 steps: low rates, one step of attack. */
export const GENTLE: readonly string[] = [
  "cls-shapes",
  "--target-steps=10",
  "--steps=50",
  "--dataset.trainExamples=60",
  "--target.train.batchSize=12",
  "--train.batchSize=12",
  "--train.attackCache=1",
  "--train.checkpointEvery=10",
  "--attack.steps=1",
  "--target.train.schedule.peak=1e-4",
  "--train.schedule.peak=1e-5",
  "--generator.width=4",
  "--generator.blocks=1",
  "--discriminator.width=4",
  "--perceptual.width=4",
];

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly error: string;
}

/** Addresses of this machine that nobody listens on now. */
function freeAddresses(count: number): string[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const addresses = listeners.map(({ addr }) => `127.0.0.1:${addr.port}`);
  listeners.forEach((listener) => listener.close());
  return addresses;
}

/**
 * Starts a command in several processes.
 *
 * @param count Number of workers
 * @param argsOf The words of a worker
 */
export function startWorkers(
  count: number,
  argsOf: (worker: number) => readonly string[],
): readonly { readonly child: Deno.ChildProcess; readonly ended: Promise<Ended> }[] {
  const worker = freeAddresses(count);
  return worker.map((_, index) => {
    const description = { cluster: { worker }, task: { type: "worker", index } };
    const env = count === 1 ? undefined : { TF_CONFIG: JSON.stringify(description) };
    const child = startRealign([...argsOf(index), "--threads", "1"], { env });
    const ended = child.output().then(({ code, stderr }) => ({
      code,
      error: new TextDecoder().decode(stderr),
    }));
    return { child, ended };
  });
}

/** Runs a command in several processes, which must succeed. */
export async function runWorkers(count: number, args: readonly string[]): Promise<void> {
  const workers = startWorkers(count, () => args);
  for (const { code, error } of await Promise.all(workers.map(({ ended }) => ended))) {
    assert.equal(code, 0, error);
  }
}

/** Final weights of the only run in a folder, by stage and name. */
export async function weightsIn(runs: string): Promise<Map<string, HostTensor>> {
  const [run] = [...Deno.readDirSync(runs)];
  const all = new Map<string, HostTensor>();
  for (const stage of ["train-target", "train"]) {
    const path = join(runs, run.name, "checkpoints", `${stage}-final.safetensors`);
    const { tensors } = parseSafetensors(await Deno.readFile(path), path);
    tensors.forEach((tensor, name) => all.set(`${stage}/${name}`, tensor));
  }
  return all;
}

/** The greatest difference of two sets of weights, relative above 1. */
export function distanceOf(
  one: ReadonlyMap<string, HostTensor>,
  other: ReadonlyMap<string, HostTensor>,
): number {
  assert.deepEqual([...other.keys()].sort(), [...one.keys()].sort());
  let most = 0;
  for (const [name, { data }] of one) {
    const { data: found } = other.get(name)!;
    data.forEach((value, at) => {
      most = Math.max(most, Math.abs(value - found[at]) / Math.max(1, Math.abs(value)));
    });
  }
  return most;
}
