/**
 * Columns of the toy's evaluation, for tests of `evaluateColumn`.
 *
 * @module
 */
import { type AttackSettings, defineAttack } from "../attacks/attack.ts";
import { norm, steps } from "../attacks/gradient_options.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Images } from "../dataset.ts";
import type { Defense } from "../defenses/mod.ts";
import type { Column } from "../evaluate/columns.ts";
import type { EvaluateParts } from "../evaluate/evaluate.ts";
import type { System } from "../evaluate/system.ts";
import { createRandom } from "../random.ts";
import * as tf from "../tf.ts";
import { useTestBackend } from "./mod.ts";
import { createToyDataset, createToyTask, type ToyOutput, toyPreset } from "./toy_task.ts";

await useTestBackend();

/** Examples that are evaluated. */
export const LENGTH = 10;
/** Of one batch; the last one is padded. */
const BATCH = 4;
/** The toy's task. */
export const task = createToyTask();
/** Its pictures. */
export const dataset = createToyDataset(LENGTH, "test");
/** O. */
export const target = task.createTarget("toy-net", createRandom(4, "target"));
/** Settings of the attack. */
export const pgd: AttackSettings = { name: "pgd", epsilon: 0.06, steps: 3 };

/** Darkens, with an exact gradient. */
export const darker: Defense = {
  name: "generator",
  variables: [],
  gradient: { exact: true, apply: (images) => tf.square(images) },
  restore: (images) => Promise.resolve(tf.square(images)),
};

/** O behind a defense, or alone. */
export const systemOf = (defense?: Defense, name = defense?.name ?? "none"): System<ToyOutput> => ({
  name,
  title: name,
  target,
  ...(defense && { defense }),
});

/** What `evaluateColumn` is given beside the column. */
export function partsOf(
  changes: Partial<EvaluateParts<ToyOutput, tf.Tensor1D>> = {},
): EvaluateParts<ToyOutput, tf.Tensor1D> {
  return {
    preset: toyPreset,
    task,
    batches: () => createEvaluationBatches(dataset, task, { batchSize: BATCH }),
    ...changes,
  };
}

/** A column of the toy's evaluation. */
export type ToyColumn = Column<ToyOutput>;

/** O and defenses on clean images. */
export const cleanOf = (...defenses: Defense[]): ToyColumn => ({
  threatModel: "none",
  attack: "clean",
  settings: null,
  systems: [systemOf(), ...defenses.map((defense) => systemOf(defense))],
});
/** O and defenses on images made on O alone. */
export const obliviousOf = (...defenses: Defense[]): ToyColumn => ({
  ...cleanOf(...defenses),
  threatModel: "oblivious",
  attack: "pgd",
  settings: pgd,
  attacked: { target },
});
/** A defense on images made through it. */
export const whiteboxOf = (defense: Defense): ToyColumn => ({
  ...obliviousOf(),
  threatModel: "whitebox",
  attacked: { target, defense },
  systems: [systemOf(defense)],
});

/** Outcomes of all examples, one at a time and without any of what is tested. */
export async function reckon(
  change: (images: Images, labels: tf.Tensor1D, index: number) => Promise<Images> | Images,
): Promise<string> {
  let outcomes = "";
  for await (
    const { images, labels, indices } of createEvaluationBatches(dataset, task, { batchSize: 1 })
  ) {
    const changed = await change(images, labels, indices[0]);
    const [scores] = await target.forward(changed).logits.array();
    outcomes += scores.indexOf(Math.max(...scores)) === indices[0] % 3 ? "1" : "0";
    tf.dispose([images, labels]);
  }
  return outcomes;
}

/** A task with an attack that answers with whatever it is told to. */
export function attackedBy(perturb: (images: Images) => Images | Promise<Images>) {
  const stub = defineAttack({
    title: "Stub",
    version: 1,
    options: { norm, steps },
    create: ({ norm }) => ({
      norm,
      perturb: async (images) => await perturb(images),
      [Symbol.dispose]() {},
    }),
  });
  return { ...task, attacks: { stub, pgd: stub } };
}

/** How many of the outcomes are right. */
export const ones = (outcomes: string) => outcomes.split("1").length - 1;
