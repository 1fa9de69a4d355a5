/**
 * Random noise, which needs only the victim's output.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { option, wholeFrom } from "../options.ts";
import * as tf from "../tf.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { type Norm, norms } from "./ball.ts";
import { norm, objective } from "./gradient_options.ts";
import { createComparison, givenFor } from "./judge.ts";
import { type Gain, gainFor } from "./objective.ts";
import { createStart } from "./start.ts";
import { strongestImages } from "./strongest_images.ts";
import type { Victim } from "./victim.ts";

/**
 * Uniform noise in the ball, many draws: for each example the one that fools the victim counts, or else
 * the one with the highest `objective`. It needs no gradient. A defense that loses to it was
 * never robust, and an attack that loses to it is broken.
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
 *   name: "light",
 *   forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
 *   objectives: { light: (output) => output },
 * });
 * using attack = createAttack({ name: "noise", epsilon: 0.25, objective: "light" }, victim);
 * const clean = tf.tensor4d([0.5], [1, 1, 1, 1]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * const [light] = adversarial.dataSync();
 * assert.ok(light > 0.72 && light <= 0.75);
 * ```
 */
export const noise: AttackDefinition = defineAttack({
  title: "Noise",
  version: 1,
  options: {
    objective,
    draws: option(100, wholeFrom(1, 1e6), "number of draws; the worst of each example counts"),
    norm,
  },
  create(settings, victim) {
    return createNoise(settings, victim, gainFor(victim, settings.objective, settings.name));
  },
});

interface Settings {
  readonly name: string;
  readonly epsilon: number;
  readonly draws: number;
  readonly norm: "linf" | "l2";
}

function createNoise<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { name, epsilon, draws, ...settings }: Settings,
  victim: Victim<O, L>,
  gain: Gain<O, L>,
): Perturber<L> {
  const norm = norms[settings.norm] as Norm<tf.TensorContainerObject>;
  const comparison = createComparison(name, victim, gain, false);
  const drawIn = createStart(norm, "uniform", epsilon);
  return {
    norm: norm.name,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const given = await givenFor(comparison, clean, labels, random, held);
      const draw = (index: number, { clean }: { readonly clean: Images }) =>
        Promise.resolve(
          tf.tidy(() => drawIn(clean, norm.around(clean, epsilon), random.fork("draw", index))),
        );
      return await strongestImages(
        { judge: comparison.judge, positional: victim.positional, count: draws },
        { clean, given, inputs: [] },
        draw,
        random,
      );
    },
    [Symbol.dispose]: () => comparison[Symbol.dispose](),
  };
}
