/**
 * A probe: what a few images tell of a system before its figures are believed. Alarms are raised from its
 * numbers.
 *
 * @module
 */
import { stoppableVictim } from "../../attacks/stoppable_victim.ts";
import type { Batch } from "../../dataset.ts";
import { HeldTensors } from "../../held_tensors.ts";
import { pause } from "../../pause.ts";
import { createRandom } from "../../random.ts";
import type { TaskAdapter } from "../../task.ts";
import type * as tf from "../../tf.ts";
import type { Probe } from "../rows.ts";
import type { System } from "../system.ts";
import { victimOf } from "../victim.ts";
import { createPasses } from "./passes.ts";
import { createSlopes } from "./slopes.ts";
import { Tally } from "./tally.ts";

/** Enough to see what is wrong with a system, few enough to cost little (Pintor et al. 2022). */
export const PROBE_EXAMPLES = 32;

/** Inputs of a probe. */
export interface ProbeParts<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly seed: number;
  readonly task: TaskAdapter<O, L>;
  /** Iterates over the examples; only the first ones are taken. */
  readonly batches: () => AsyncIterable<Batch<L>>;
  /** L-infinity radius of the attacks. */
  readonly epsilon: number;
  /** At least so many examples, if there are; whole batches. @default {32} */
  readonly examples?: number;
  /** Ends the work between queries. */
  readonly signal?: AbortSignal;
}

/**
 * Probes a system: repeated passes over clean images, passes with noise of half of epsilon, gradients, and
 * two attacks of 20 steps, within epsilon and within all of [0, 1]. Costs about 42 gradients and 11 passes a
 * batch.
 *
 * @param parts Task, seed, examples
 * @param system The system; attacks go through its defense if it has any gradient
 * @param progress Called with the number of examples done
 * @returns Numbers by name, each the mean over the examples of what a check names; those that the task or a
 * missing gradient does not allow are left out
 *
 * @example Usage
 * ```ts
 * import { createEvaluationBatches, createRandom, undefended } from "@realign/core";
 * import { probeSystem } from "@realign/core/alarms";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask } from "../../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const batches = () => createEvaluationBatches(createToyDataset(8), task, { batchSize: 4 });
 * const { numbers, examples } = await probeSystem(
 *   { seed: 1, task, batches, epsilon: 0.03 },
 *   undefended(target),
 * );
 * assert.equal(examples, 8);
 * assert.equal(numbers.changedPredictions, 0);
 * assert.equal(numbers.imagesWithoutGradient, 0);
 * ```
 */
export async function probeSystem<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { seed, task, batches, epsilon, examples = PROBE_EXAMPLES, signal }: ProbeParts<O, L>,
  { name, target, defense }: Pick<System<O>, "name" | "target" | "defense">,
  progress: (done: number) => void = () => {},
): Promise<Probe> {
  const subject = { task, target, ...(defense && { defense }) };
  const tally = new Tally();
  using stack = new DisposableStack();
  const passes = stack.use(createPasses(subject));
  // That an assumed identity has a gradient says nothing of the defense.
  const slopes = !defense || defense.gradient
    ? createSlopes(stoppableVictim(victimOf(subject), signal))
    : undefined;
  if (slopes) stack.use(slopes);
  let done = 0;
  for await (const { images, labels, count, indices } of batches()) {
    using held = new HeldTensors();
    held.keep([images, labels as tf.TensorContainer]);
    await pause(signal);
    const random = createRandom(seed, "probe", name, indices[0]);
    const asked = { images, labels, count, random };
    await passes.measure(asked, tally, epsilon / 2);
    await slopes?.measure(asked, tally, epsilon);
    progress(done += count);
    if (done >= examples) break;
  }
  return { system: name, examples: done, epsilon, numbers: tally.means() };
}
