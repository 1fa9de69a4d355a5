/**
 * What a report shows of an evaluation: one attack, and the system that it is about.
 *
 * @module
 */
import {
  type AnySystems,
  createEvaluationBatches,
  createRandom,
  type EvaluationRow,
  HeldTensors,
  type Preset,
  type System,
  victimOf,
} from "@realign/core";
import { type AttackSettings, createAttack, stoppableVictim } from "@realign/core/attacks";
import { answerBehind, type Defense } from "@realign/core/defenses";
import type * as tf from "@realign/core/tf";
import { subset, vocColour } from "@realign/datasets";
import type { LegendEntry } from "../runs/sample_files.ts";
import type { AnyDataset } from "./open_split.ts";
import type { Workbench } from "./workbench.ts";

/** An attack on O alone, and a defense against it. */
export interface Shown {
  /** The attack's column. */
  readonly attack: string;
  readonly settings: AttackSettings;
  readonly system: System<tf.TensorContainer> & { readonly defense: Defense };
}

/**
 * Chooses the run's own system, or else the first with a defense.
 *
 * @param preset Has the attack's settings
 * @param systems The evaluated systems
 * @param row A row of the attack
 * @returns Undefined without an attack or a defense
 */
export function chooseShown(
  { evaluation }: Preset,
  { list }: AnySystems,
  row: EvaluationRow | undefined,
): Shown | undefined {
  const system = list.find(({ role }) => role === "subject") ??
    list.find(({ defense, role }) => defense && role !== "control");
  if (!row?.settings || !system?.defense) return undefined;
  const settings = evaluation.threatModels[row.threatModel].attacks[row.attack];
  return { attack: row.attack, settings, system: { ...system, defense: system.defense } };
}

/** A batch of examples; all tensors live until the next one is asked for. */
export interface ShownBatch {
  readonly labels: tf.TensorContainer;
  readonly ids: readonly string[];
  /** Rows from here on are padding. */
  readonly count: number;
  /** x^c, `[B, H, W, 3]` in `[0, 1]`. */
  readonly clean: tf.Tensor4D;
  /** x^a, the same. */
  readonly adversarial: tf.Tensor4D;
  /** Restores images of this batch, with the same random numbers each time. */
  restore(images: tf.Tensor4D): Promise<tf.Tensor4D>;
  /** What O says of restored images. */
  readonly answerRestored: (images: tf.Tensor4D) => tf.TensorContainer;
}

/**
 * Attacks O alone on some examples, to be restored.
 *
 * @param bench O with its weights, and the data
 * @param shown The attack and the defense
 * @param indices Examples of the test split
 * @param purpose Names the random numbers
 * @param signal Ends the attack
 */
export async function* attackShown(
  { preset, task, target, test }: Workbench,
  { settings, system: { name, defense } }: Shown,
  indices: readonly number[],
  purpose: string,
  signal?: AbortSignal,
): AsyncGenerator<ShownBatch> {
  using attack = createAttack(
    settings,
    stoppableVictim(victimOf({ task, target }), signal),
    task.attacks,
  );
  const { batchSize } = preset.evaluation;
  const answerRestored = answerBehind({ target, defense });
  let number = 0;
  for await (const batch of createEvaluationBatches(subset(test, indices), task, { batchSize })) {
    using held = new HeldTensors();
    const { images: clean, labels, ids, count } = batch;
    held.keep([clean, labels]);
    const random = createRandom(preset.seed, purpose, number++);
    const adversarial = held.keep(await attack.perturb(clean, labels, random));
    const restore = async (images: tf.Tensor4D) =>
      held.keep(await defense.restore(images, random.fork("restore", name)));
    yield { labels, ids, count, clean, adversarial, restore, answerRestored };
  }
}

/** The classes of a data set and their colours. */
export function legendOf({ classNames, classColours }: AnyDataset): LegendEntry[] {
  return classNames.map((name, index) => ({
    name,
    colour: classColours?.[index] ?? vocColour(index + 1),
  }));
}
