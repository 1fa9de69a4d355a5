/**
 * The skeleton of gradient attacks in an L-infinity ball: start, gradient, sign step, project, clip.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Attack, Victim } from "./attack.ts";
import { type Ball, ballAround, project } from "./ball.ts";
import { createJudge, type Given, type Iterate, stronger } from "./judge.ts";
import type { ResolvedSettings } from "./settings.ts";

/** The settings that the skeleton runs by. */
export type GradientSettings = ResolvedSettings<
  "stepSize" | "steps" | "objective" | "randomStart" | "restarts" | "return" | "targeted"
>;

/** What is ascended, where it changes from step to step: `progress` is t / n, from 0 in the first of n steps. */
export type ScheduledObjective<O, L> = (
  output: O,
  labels: L,
  reference: O,
  progress: tf.Scalar,
) => tf.Tensor1D;

/** Deviation of the "normal" start, TRADES' constant. */
const START_DEVIATION = 0.001;

/** Where a run of steps begins. */
function startImages(
  clean: Images,
  ball: Ball,
  settings: GradientSettings,
  random: Random,
): Images {
  if (settings.randomStart === "none") return tf.clone(clean);
  const noise = settings.randomStart === "uniform"
    ? random.uniforms(clean.size, -settings.epsilon, settings.epsilon)
    : random.normals(clean.size, START_DEVIATION);
  return project(tf.add(clean, tf.tensor(noise, clean.shape)), ball);
}

/**
 * Makes an attack that ascends an objective by steps along the gradient's sign:
 * x <- clip(project(x + stepSize * sign(grad objective(x)))), starting from x^c or beside it.
 *
 * Each step is one recorded function, of the sum of the examples' objectives; nothing is read back
 * between steps. An objective that declares only `(output, labels)` saves a pass over the clean images.
 *
 * @param settings What it runs by; see {@linkcode resolveSettings}
 * @param victim What is attacked
 * @param objective What is ascended, or descended where `targeted` is true; one that changes with the
 * progress is measured at its end wherever results are compared
 * @returns The attack
 *
 * @example Usage
 * ```ts
 * import { createGradientAttack } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const sum = (images: tf.Tensor4D) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D;
 * const victim = { name: "sum", forward: sum, objectives: { sum: (output: tf.Tensor1D) => output } };
 * using attack = createGradientAttack({
 *   name: "brighten", epsilon: 0.25, stepSize: 0.125, steps: 3, objective: "sum",
 *   randomStart: "none", restarts: 1, return: "last", targeted: false,
 * }, victim, victim.objectives.sum);
 * const clean = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
 * const adversarial = await attack.perturb(clean, tf.tensor1d([0], "int32"), createRandom(1));
 * assert.deepEqual([...adversarial.dataSync()], [0.25, 0.75, 1]);
 * ```
 */
export function createGradientAttack<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: GradientSettings,
  victim: Victim<O, L>,
  objective: ScheduledObjective<O, L>,
): Attack<L> {
  const direction = settings.targeted ? -1 : 1;
  const steps = settings.epsilon === 0 ? 0 : settings.steps;
  const needsReference = objective.length !== 2;

  const gainOf = (
    output: O,
    { labels, reference, progress }: Given<O, L> & { readonly progress: tf.Scalar },
  ): tf.Tensor1D => tf.mul(objective(output, labels, reference ?? output, progress), direction);

  const forward = record(
    ({ images }: { images: Images }) => victim.forward(images),
    { name: `${settings.name}: reference` },
  );

  const advance = record(
    ({ images, ball, stepSize, progress, given }: {
      images: Images;
      ball: Ball;
      stepSize: tf.Scalar;
      progress: tf.Scalar;
      given: Given<O, L>;
    }) => {
      const { value, grad } = tf.valueAndGrad((pixels) =>
        gainOf(victim.forward(pixels as Images), { ...given, progress })
      )(images);
      const moved = tf.add(images, tf.mul(stepSize, tf.sign(grad))) as Images;
      return { images: project(moved, ball), gain: value as tf.Tensor1D };
    },
    { name: `${settings.name}: step` },
  );

  const judge = createJudge<O, L>(
    settings.name,
    victim,
    (output, labels, reference) => objective(output, labels, reference, tf.scalar(1)),
    settings.targeted,
  );

  /** Runs the steps from one start, and returns the last images; takes ownership of `start`. */
  function lastOf(start: Images, ball: Ball, given: Given<O, L>, stepSize: tf.Scalar): Images {
    let images = start;
    for (let step = 0; step < steps; step++) {
      const progress = tf.scalar(step / steps);
      const next = advance({ images, ball, stepSize, progress, given });
      tf.dispose([images, next.gain, progress]);
      images = next.images;
    }
    return images;
  }

  /** Runs the steps from one start, and returns each example's images of greatest gain. */
  function bestOf(start: Images, ball: Ball, given: Given<O, L>, stepSize: tf.Scalar): Images {
    const [batch] = start.shape;
    let images = start;
    let best: Iterate = { images, success: tf.zeros([batch]), gain: tf.fill([batch], -Infinity) };
    for (let step = 0; step <= steps; step++) {
      const { gain, images: next } = step < steps
        ? advance({ images, ball, stepSize, progress: tf.scalar(step / steps), given })
        : { gain: judge({ images, given }).gain, images };
      const challenger = { images, success: tf.zerosLike(gain), gain };
      const better = stronger(best, challenger);
      tf.dispose([best, challenger]);
      best = better;
      images = next;
    }
    return best.images;
  }

  return {
    name: settings.name,
    settings,
    perturb: (clean, labels, random) =>
      Promise.try(() =>
        tf.tidy(() => {
          const ball = ballAround(clean, settings.epsilon);
          const stepSize = tf.scalar(settings.stepSize);
          const reference = needsReference ? forward({ images: clean }) : undefined;
          const given = { labels, reference };
          const runOnce = settings.return === "best" ? bestOf : lastOf;
          const run = () =>
            runOnce(startImages(clean, ball, settings, random), ball, given, stepSize);
          let images = run();
          if (settings.restarts === 1) return images;
          let strongest: Iterate = { images, ...judge({ images, given }) };
          for (let restart = 1; restart < settings.restarts; restart++) {
            images = run();
            strongest = stronger(strongest, { images, ...judge({ images, given }) });
          }
          return strongest.images;
        })
      ),
    [Symbol.dispose]() {
      for (const step of [forward, advance, judge]) step[Symbol.dispose]();
    },
  };
}
