/**
 * Victims: a target network O, possibly behind a defense.
 *
 * @module
 */
import type { Precision } from "../backend/precision.ts";
import type { Images } from "../dataset.ts";
import { answerBehind } from "../defenses/behind.ts";
import type { Defense } from "../defenses/defense.ts";
import { gradientOf, isRandom } from "../defenses/gradient_of.ts";
import type { Random } from "../random.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { manifoldBehind } from "./manifold_victim.ts";
import { meanAnswer } from "./mean_answer.ts";
import {
  type Ascent,
  ascentAt,
  type Asked,
  createVictim,
  type Query,
  recordedQuery,
  type Victim,
} from "./victim.ts";

/** O, an optional defense, and the task. */
export interface VictimSource<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: Pick<TaskAdapter<O, L>, "objectives" | "logits" | "classOf">;
  readonly target: TargetModel<O>;
  readonly defense?: Defense;
}

/** A victim of a training's attacks; evaluations have no such choice. */
export interface ExactVictimSource<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends VictimSource<O, L> {
  /** Of the recorded steps. @default {"float32"} */
  readonly precision?: Precision;
}

/** Common parts of all victims. */
interface Parts {
  readonly target: Pick<TargetModel<unknown>, "name" | "parameters">;
  readonly defense?: Defense;
}

/** What errors call a victim. */
export const nameOf = ({ target, defense }: Parts): string =>
  defense ? `${target.name} behind ${defense.name}` : target.name;

/** Weights that a victim's answers follow. */
export const variablesOf = ({ target, defense }: Parts): tf.Variable[] => [
  ...target.parameters.variables,
  ...defense?.variables ?? [],
];

/** What attacks must know of how a victim answers. */
export const traitsOf = ({ defense }: Parts): Pick<
  Victim<never, never>,
  "random" | "positional"
> => ({
  ...defense && isRandom(defense) && { random: true },
  ...defense?.positional && { positional: true },
});

/**
 * A victim with its exact gradient: O alone, or through a defense that has one. A random defense draws
 * new noise for every query.
 *
 * @param source O, the defense, the task, the precision
 * @returns The victim
 * @throws {RangeError} If the defense has no exact gradient
 *
 * @example Usage
 * ```ts
 * import { exactVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const victim = exactVictim({ task, target });
 * assert.equal(victim.name, "toy-net");
 * assert.ok(victim.variables.length > 0);
 * ```
 */
export function exactVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  source: ExactVictimSource<O, L>,
): Victim<O, L> {
  const { task, defense, precision } = source;
  const { gradient } = defense ?? {};
  const name = nameOf(source);
  if (defense && !gradient?.exact) {
    throw new RangeError(
      `Cannot attack "${name}" exactly as "${defense.name}" has no exact gradient`,
    );
  }
  const answer = answerBehind(source);
  const variables = variablesOf(source);
  const victim = createVictim({
    ...decisionsOf(task),
    name,
    variables,
    precision,
    random: false,
    ...gradient?.draw && { draw: gradient.draw.bind(gradient) },
    forward: (images, noise) => answer(gradient ? gradient.apply(images, noise) : images),
  });
  return { ...victim, ...traitsOf(source), ...manifoldBehind(defense, answer, variables) };
}

/**
 * A victim behind a defense whose gradient is approximate: BPDA (Athalye et al. 2018). Forward passes
 * run the real defense; the gradient is O's at the restored images, pulled back through the defense's
 * differentiable approximation at the images, or unchanged where the defense has none (the identity).
 *
 * @param source O, the defense, the task
 * @returns The victim
 * @throws {RangeError} If there is no defense
 *
 * @example Usage
 * ```ts
 * import { bpdaVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const rounding = {
 *   name: "rounding",
 *   variables: [],
 *   restore: (images: tf.Tensor4D) => Promise.resolve(tf.round(images)),
 *   gradient: { exact: false, apply: (images: tf.Tensor4D) => images },
 * };
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * assert.equal(bpdaVictim({ task, target, defense: rounding }).name, "toy-net behind rounding");
 * ```
 */
export function bpdaVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  source: VictimSource<O, L>,
): Victim<O, L> {
  const { task, defense } = source;
  const name = nameOf(source);
  if (!defense) throw new RangeError(`Cannot attack "${name}" with BPDA as there is no defense`);
  const gradient = gradientOf(defense);
  const answer = answerBehind(source);
  const variables = variablesOf(source);
  interface Inputs<G extends tf.TensorContainer> extends tf.TensorContainerObject {
    readonly images: Images;
    readonly restored: Images;
    readonly noise: tf.TensorContainerObject;
    readonly given: G;
  }
  const ask = <G extends tf.TensorContainer, R extends tf.TensorContainer>(
    step: (inputs: Inputs<G>) => R,
    name: string,
  ): Query<G, R> =>
    recordedQuery(step, { name, variables }, async (images, random, held) => {
      // The same stream twice: the stand-in must be that of the very draw which restored the images.
      const stream = () => random.fork("defense");
      return {
        restored: held.keep(await defense.restore(images, stream())),
        noise: held.keep(gradient.draw?.(images.shape, stream()) ?? {}),
      };
    });
  return {
    ...decisionsOf(task),
    name,
    variables,
    ...traitsOf(source),
    ...manifoldBehind(defense, answer, variables),
    forward: (read, name) => ask(({ restored, given }) => read(answer(restored), given), name),
    ascend: (asked, name) =>
      ask(({ images, restored, noise, given }) => {
        const ascent = ascentAt(restored, (pixels) => asked(answer(pixels), given));
        const back = tf.grad((pixels) =>
          // The approximation may be the identity, which alone would leave nothing to differentiate.
          tf.clone(gradient.apply(pixels as Images, noise))
        );
        return { ...ascent, gradients: ascent.gradients.map((one) => back(images, one) as Images) };
      }, name),
  };
}

/**
 * Expectation over transformations (EOT, Athalye et al. 2018) for a random victim: the mean of gains and
 * gradients over several draws, each from its own stream. Forward passes remain single draws.
 *
 * @param victim The random victim
 * @param draws Number of draws per gradient
 * @returns The victim; a query's `read` is that of the first draw, but for numbers,
 * which are means too
 * @throws {RangeError} If the victim has no gradient, or `draws` is not an integer above 0
 *
 * @example Usage
 * ```ts
 * import { createVictim, expectationVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const noisy = createVictim({
 *   name: "noisy sum",
 *   draw: (shape, random) => ({ noise: tf.tensor(random.normals(3, 1), shape) }),
 *   forward: (images, { noise }) =>
 *     tf.sum(tf.mul(images, tf.add(noise as tf.Tensor, 1)), [1, 2, 3]) as tf.Tensor1D,
 *   objectives: {},
 * });
 * const victim = expectationVictim(noisy, 500);
 * using ascend = victim.ascend!((output, _: []) => ({ gains: [output], read: [] }), "sum");
 * const { gradients } = await ascend(tf.ones([1, 1, 1, 3]), [], createRandom(1));
 * for (const slope of gradients[0].dataSync()) assert.ok(Math.abs(slope - 1) < 0.2);
 * ```
 */
export function expectationVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  draws: number,
): Victim<O, L> {
  const ascend = victim.ascend?.bind(victim);
  if (!ascend) {
    throw new RangeError(`Cannot take the expectation over "${victim.name}" as it has no gradient`);
  }
  if (!(Number.isInteger(draws) && draws > 0)) {
    throw new RangeError(
      `Cannot take the expectation over "${victim.name}" as draws must be an integer above 0: current value is ${draws}`,
    );
  }
  return {
    ...victim,
    averaged: true,
    ascend<G extends tf.TensorContainer, R extends tf.TensorContainer>(
      ask: (output: O, given: G) => Asked<R>,
      name: string,
    ): Query<G, Ascent<R>> {
      const once = ascend(ask, name);
      const query = (images: Images, given: G, random: Random) =>
        meanAnswer(once, images, given, random, { draws });
      return Object.assign(query, { [Symbol.dispose]: () => once[Symbol.dispose]() });
    },
  };
}

/**
 * A victim attacked with the gradients of another one that has the same output type: transfer
 * from a substitute. Whatever goes with a gradient (gains, the output on clean images that they compare
 * with, an attack's best iterate) is the substitute's; success of whole runs is judged on the victim's
 * own output.
 *
 * @param victim The victim; its own gradient, if any, is not used
 * @param substitute Source of the gradient
 * @returns The victim
 * @throws {RangeError} If the substitute has no gradient
 */
export function substituteVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  victim: Victim<O, L>,
  substitute: Victim<O, L>,
): Victim<O, L> {
  const ascend = substitute.ascend?.bind(substitute);
  if (!ascend) {
    throw new RangeError(
      `Cannot attack "${victim.name}" by "${substitute.name}" as the substitute has no gradient`,
    );
  }
  const { manifold: _, ...own } = victim;
  return {
    ...own,
    name: `${victim.name} by ${substitute.name}`,
    variables: [...victim.variables, ...substitute.variables],
    ...(victim.positional || substitute.positional) && { positional: true },
    averaged: substitute.averaged,
    gradientOf: substitute.gradientOf ?? substitute,
    ascend,
  };
}

/** How a victim is decided about. */
export function decisionsOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: VictimSource<O, L>["task"],
): Pick<Victim<O, L>, "objectives" | "logits" | "classOf"> {
  return {
    objectives: task.objectives,
    ...task.logits && { logits: (output: O) => task.logits!(output) },
    ...task.classOf && { classOf: (labels: L) => task.classOf!(labels) },
  };
}
