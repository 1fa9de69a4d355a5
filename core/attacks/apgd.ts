/**
 * Auto-PGD (APGD), Croce and Hein 2020: PGD that chooses its own step sizes.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { type Option, option } from "../options.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { type ClimbPlan, createClimb } from "./apgd_climb.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { type Norm, norms } from "./ball.ts";
import { norm, objective, restarts, steps, untilFooled } from "./gradient_options.ts";
import { type Comparison, createComparison, givenFor } from "./judge.ts";
import { type Gain, gainFor, type Given } from "./objective.ts";
import { createStart } from "./start.ts";
import { strongestImages } from "./strongest_images.ts";
import type { Victim } from "./victim.ts";

/** Number of steps; 100 in AutoAttack. */
export const apgdSteps: Option<number> = option(100, steps.range, steps.help);

/** Settings of {@linkcode createApgd}. */
export interface ApgdSettings {
  readonly name: string;
  readonly epsilon: number;
  readonly steps: number;
  /** Independent restarts; the strongest result of each example counts. @default {1} */
  readonly restarts?: number;
  /** @default {"linf"} */
  readonly norm?: "linf" | "l2";
  /** Whether images leave a run at the first checkpoint that finds them misclassified. @default {false} */
  readonly untilFooled?: boolean;
}

/** Parts of an attack by APGD. */
export interface ApgdPlan<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends Omit<ClimbPlan<O, L>, "untilFooled"> {
  /** Compares the results of runs that fool the victim alike. Default: `gain` */
  readonly compared?: Gain<O, L>;
  /**
   * Other inputs of the gain (`drawn`), for each of the runs of a restart; disposed after the batch.
   * Default: one run without any
   */
  runs?(clean: Images, labels: L, random: Random): Promise<readonly tf.TensorContainerObject[]>;
}

/**
 * Creates an attack by runs of APGD, each from its own start: noise scaled until each image touches the
 * ball's surface. If there are several, each only gets the examples that do not fool the victim yet.
 *
 * @param settings Resolved settings
 * @param victim The victim; it must have a gradient
 * @param plan What is ascended and kept
 * @returns The attack
 * @throws {RangeError} If the victim has no gradient
 *
 * @example Usage
 * ```ts
 * import { createApgd, createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "distance from 0.5",
 *   forward: (images) => tf.sum(tf.abs(tf.sub(images, 0.5)), [1, 2, 3]) as tf.Tensor1D,
 *   objectives: {},
 * });
 * using attack = createApgd(
 *   { name: "away", epsilon: 0.25, steps: 10 },
 *   victim,
 *   { gain: { reference: false, value: (distance) => distance } },
 * );
 * const clean = tf.tensor4d([0, 0.25, 0.75], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0, 1]);
 * ```
 */
export function createApgd<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: ApgdSettings,
  victim: Victim<O, L>,
  plan: ApgdPlan<O, L>,
): Perturber<L> {
  const { name, epsilon, steps, restarts = 1, untilFooled } = settings;
  const { gain, control, compared = gain } = plan;
  const norm = norms[settings.norm ?? "linf"] as Norm<tf.TensorContainerObject>;
  const startOf = createStart(norm, "surface", epsilon);
  const climb = createClimb(name, norm, victim, { ...plan, untilFooled });

  // A run compares gains of what the gradients are of; several runs compare those of the victim itself.
  const climbed = victim.gradientOf ?? victim;
  const referring = control?.reference ? control : gain;
  const climbing = createComparison(name, climbed, referring, false);
  const judging = climbed === victim && compared === referring
    ? climbing
    : createComparison(name, victim, compared, false);

  return {
    norm: norm.name,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const inputs = held.keep([
        ...await plan.runs?.(clean, labels, random.fork("runs")) ?? [undefined],
      ]);
      const givenOf = (comparison: Comparison<O, L>) =>
        givenFor(comparison, clean, labels, random, held, inputs[0]);
      const given = await givenOf(climbing);
      const run = async (index: number, clean: Images, given: Given<O, L>) => {
        using started = new HeldTensors();
        const ball = started.keep(tf.tidy(() => norm.around(clean, epsilon)));
        const start = started.keep(startOf(clean, ball, random.fork("start", index)));
        return await climb({ start, clean, epsilon, steps }, given, random.fork("run", index));
      };
      const count = restarts * inputs.length;
      if (count === 1) return await run(0, clean, given);

      const { progress, reference } = given;
      return await strongestImages(
        { judge: judging.judge, positional: victim.positional, count, untilFooled: true },
        {
          clean,
          given: judging === climbing ? given : await givenOf(judging),
          inputs: { reference, drawn: inputs },
        },
        (index, { clean, given: { labels }, inputs: { reference, drawn } }) =>
          run(index, clean, {
            labels,
            progress,
            reference,
            drawn: drawn[index % drawn.length],
          }),
        random,
      );
    },
    [Symbol.dispose]() {
      for (const part of new Set([climb, climbing, judging])) part[Symbol.dispose]();
    },
  };
}

/** The options of APGD on whatever objective. */
const options = { norm, steps: apgdSteps, restarts, untilFooled };

/** Creates APGD on an objective of the task. */
function createOn<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  objective: string,
  settings: ApgdSettings,
  victim: Victim<O, L>,
): Perturber<L> {
  return createApgd(settings, victim, { gain: gainFor(victim, objective, settings.name) });
}

/** Declares APGD on an objective. */
function apgdOn(objective: string, title: string): AttackDefinition {
  return defineAttack({
    title,
    version: 2,
    options,
    create: (settings, victim) => createOn(objective, settings, victim),
  });
}

/**
 * APGD on any objective of the task, for victims without one class per image too: of those each run keeps the
 * iterate with the highest objective.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "room",
 *   forward: (images) => images,
 *   objectives: { light: (output) => tf.sum(output, [1, 2, 3]) as tf.Tensor1D },
 * });
 * using attack = createAttack({ name: "apgd", objective: "light", epsilon: 0.25, steps: 5 }, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export const apgd: AttackDefinition = defineAttack({
  title: "APGD",
  version: 2,
  options: { objective, ...options },
  create: (settings, victim) => createOn(settings.objective, settings, victim),
});

/**
 * APGD on the cross-entropy: PGD with momentum that begins with steps of 2 epsilon and halves them where the
 * loss has stopped rising. The last misclassified iterate is kept, or else the one with the highest loss.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "darkness",
 *   forward: (images) => tf.neg(tf.sum(images, [1, 2, 3])) as tf.Tensor1D,
 *   objectives: { "cross-entropy": (output) => output },
 * });
 * using attack = createAttack({ name: "apgd-ce", epsilon: 0.25, steps: 5 }, victim);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0, 0.25, 0.75]);
 * ```
 */
export const apgdCe: AttackDefinition = apgdOn("cross-entropy", "APGD-CE");

/**
 * APGD on the difference of logits ratio, which is not masked by large logits as the cross-entropy is. It
 * needs 3 classes.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, createVictim, logitObjectives } from "@realign/core/attacks";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "brightest channel",
 *   forward: (images) => tf.mul(1000, tf.reshape(images, [-1, 3])) as tf.Tensor2D,
 *   objectives: logitObjectives((output: tf.Tensor2D) => output),
 * });
 * using attack = createAttack({ name: "apgd-dlr", epsilon: 0.25, steps: 5 }, victim);
 * const clean = tf.tensor4d([1, 0.5, 0], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()].slice(0, 2), [0.75, 0.75]);
 * ```
 */
export const apgdDlr: AttackDefinition = apgdOn("dlr", "APGD-DLR");
