/**
 * How long an evaluation will take, from one batch.
 *
 * @module
 */
import {
  type AnyColumn,
  type AttackCost,
  attackCost,
  createEvaluationBatches,
  createRandom,
  HeldTensors,
  victimOf,
} from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import type { Workbench } from "./workbench.ts";

/** Seconds that a pass over a batch takes. */
type PassTimes = { readonly [kind in keyof AttackCost]: number };

/**
 * Measures a pass with and without gradient through every attacked model on the first batch, and multiplies it by
 * the passes of its attacks.
 *
 * @param bench Task and data
 * @param columns What is to be measured
 * @param signal Ends the measuring
 * @returns Seconds at most; undefined where nothing is attacked, or there is only one batch
 */
export async function foresee(
  { preset, task, test }: Pick<Workbench, "preset" | "task" | "test">,
  columns: readonly AnyColumn[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const { batchSize } = preset.evaluation;
  const batches = Math.ceil(test.length / batchSize);
  if (batches < 2 || columns.length === 0) return undefined;
  const iterator = createEvaluationBatches(test, task, { batchSize, prefetch: 0 });
  const { value: batch } = await iterator.next();
  await iterator.return();
  using held = new HeldTensors();
  held.keep([batch!.images, batch!.labels]);
  const times = new Map<string, PassTimes>();
  let seconds = 0;
  for (const { attacked, settings, systems } of columns) {
    if (!attacked || !settings) continue;
    signal.throwIfAborted();
    const { target, defense, substitute, queriesOnly } = attacked;
    const victim = victimOf({ task, ...attacked });
    const key = JSON.stringify([
      target.name,
      substitute,
      defense && systems[0].name,
      defense || substitute ? "" : systems[0].name,
      queriesOnly,
    ]);
    const known = times.get(key) ?? await timePasses(victim);
    times.set(key, known);
    using attack = createAttack(settings, victim, task.attacks);
    const { gradients, forwards } = attackCost(attack.settings, victim);
    seconds += batches *
      (gradients * known.gradients + (forwards + systems.length) * known.forwards);
  }
  return seconds;

  async function timePasses(victim: ReturnType<typeof victimOf>): Promise<PassTimes> {
    const { images, labels } = batch!;
    using ask = victim.forward(
      // deno-lint-ignore no-explicit-any -- each task has its own labels
      (output, given: any) => task.taskLoss(output, given),
      "foresee",
    );
    const forwards = await timed(() => ask(images, labels, createRandom(0)));
    if (!victim.ascend) return { gradients: forwards, forwards };
    using climb = victim.ascend(
      // deno-lint-ignore no-explicit-any -- each task has its own labels
      (output, given: any) => ({ gains: [task.taskLoss(output, given).as1D()], read: [] }),
      "foresee",
    );
    const gradients = await timed(async () => {
      const { gains, gradients: [gradient] } = await climb(images, labels, createRandom(0));
      tf.dispose(gains);
      return gradient;
    });
    return { gradients, forwards };
  }
}

/** Seconds of the second time: the first one records. */
async function timed(make: () => Promise<tf.Tensor>): Promise<number> {
  let begun = 0;
  for (let time = 0; time < 2; time++) {
    begun = performance.now();
    const made = await make();
    await made.data();
    made.dispose();
  }
  return (performance.now() - begun) / 1000;
}
