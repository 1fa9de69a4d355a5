/**
 * The attack on defenses that restore by a search over a generator's vectors.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { between, option, wholeFrom } from "../options.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import { adamStep, type Corrections, correctionsAt, type Moments, noMoments } from "./adam.ts";
import { type AttackDefinition, defineAttack, type Perturber } from "./attack.ts";
import { type Norm, norms, selectExamples } from "./ball.ts";
import { type DecidingVictim, requireDecisions } from "./decisions.ts";
import { norm, steps } from "./gradient_options.ts";
import { type Nearest, searchNearest } from "./nearest_adversarial.ts";
import { margin } from "./objectives.ts";
import { confidence } from "./pgd_cw.ts";
import type { Victim, VictimManifold } from "./victim.ts";

/**
 * The search over z (Athalye et al. 2018, on Defense-GAN): Adam on |G(z) - x^c|^2 + c * max(0, confidence - margin of
 * O(G(z))), from the z that the defense finds for x^c, with a search for the smallest successful c of each example. The
 * nearest image of the generator that O gets wrong is one that the defense has no reason to change. The defense's own
 * search ends only near it, so that it must lie beyond the boundary (`confidence`). It is projected to the ball of
 * `epsilon`, from which the search may find back; Infinity returns it as it is.
 *
 * For victims whose defense offers its `manifold`.
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, exactVictim } from "@realign/core/attacks";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * assert.throws(
 *   () => createAttack({ name: "latent", epsilon: 0.1 }, exactVictim({ task, target })),
 *   /Cannot attack "toy-net" with "latent" as it has no defense that searches/,
 * );
 * ```
 */
export const latent: AttackDefinition = defineAttack({
  title: "Latent",
  version: 1,
  unbounded: true,
  options: {
    steps: option(200, steps.range, "number of steps of each inner search"),
    binarySearchSteps: option(
      5,
      wholeFrom(1, 100),
      "number of inner searches, each with a different constant c",
    ),
    initialConstant: option(1, between(1e-10, 1e10), "c of the first search"),
    learningRate: option(0.05, between(1e-7, 10), "Adam's learning rate"),
    confidence: option(5, confidence.range, confidence.help),
    norm,
  },
  create: (settings, victim) =>
    createLatent(
      settings,
      requireDecisions(victim, settings.name),
      requireManifold(victim, settings.name),
    ),
});

interface Settings {
  readonly name: string;
  readonly epsilon: number;
  readonly steps: number;
  readonly binarySearchSteps: number;
  readonly initialConstant: number;
  readonly learningRate: number;
  readonly confidence: number;
  readonly norm: "linf" | "l2";
}

/** What the loss depends on besides z. */
interface LossGiven<L extends tf.TensorContainer> extends tf.TensorContainerObject {
  readonly clean: Images;
  readonly labels: L;
  /** `[B]` c of the loss. */
  readonly constants: tf.Tensor1D;
}

/** Where z stands: an image of the generator. */
interface Place extends tf.TensorContainerObject {
  readonly images: Images;
  /** `[B]` squared, to the clean images. */
  readonly distance: tf.Tensor1D;
  /** `[B]` bool, whether O gets them wrong. */
  readonly fools: tf.Tensor1D;
}

/** How far an inner search has come. */
interface Descent extends tf.TensorContainerObject {
  /** `[B, 1, 1, N]` */
  readonly latents: tf.Tensor4D;
  readonly moments: Moments;
}

function createLatent<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: Settings,
  { logits, classOf }: DecidingVictim<O, L>,
  manifold: VictimManifold<O>,
): Perturber<L> {
  const { name, epsilon, confidence, learningRate } = settings;
  const ball = norms[settings.norm] as Norm<tf.TensorContainerObject>;

  const ascend = manifold.ascend(
    (output: O, images, { clean, labels, constants }: LossGiven<L>) => {
      const gap = margin(logits(output), classOf(labels));
      const hinge = tf.mul(constants, tf.relu(tf.sub(confidence, gap)));
      const distance = tf.sum(tf.squaredDifference(images, clean), [1, 2, 3]) as tf.Tensor1D;
      const fools = tf.greater(gap, confidence) as tf.Tensor1D;
      const loss = tf.add(distance, hinge) as tf.Tensor1D;
      return { gains: [tf.neg(loss)], read: { images, distance, fools } as Place };
    },
    `${name}: loss`,
  );

  const advance = record(({ place, gradient, corrections, descent, nearest }: {
    place: Place;
    gradient: tf.Tensor4D;
    corrections: Corrections;
    descent: Descent;
    nearest: Nearest;
  }) => {
    const { step, moments } = adamStep(gradient, descent.moments, corrections, learningRate);
    const nearer = tf.logicalAnd(place.fools, tf.less(place.distance, nearest.distance));
    const isAll = tf.logicalAnd(
      tf.logicalNot(place.fools),
      tf.equal(nearest.distance, Infinity),
    );
    const taken = tf.logicalOr(nearer, isAll) as tf.Tensor1D;
    return {
      // The gradient is one of ascent.
      descent: { latents: tf.add(descent.latents, step) as tf.Tensor4D, moments },
      nearest: {
        images: selectExamples(taken, place.images, nearest.images),
        distance: tf.where(nearer, place.distance, nearest.distance) as tf.Tensor1D,
        found: tf.logicalOr(nearest.found, place.fools) as tf.Tensor1D,
      },
    };
  }, { name: `${name}: step` });

  /** One descent with given constants; takes ownership of `nearest` and returns it improved. */
  async function descend(
    start: tf.Tensor4D,
    given: LossGiven<L>,
    nearest: Nearest,
    random: Random,
  ): Promise<Nearest> {
    let current = { descent: { latents: tf.clone(start), moments: noMoments(start) }, nearest };
    try {
      for (let step = 0; step < settings.steps; step++) {
        using held = new HeldTensors();
        const corrections = held.keep(correctionsAt(step));
        const { gradients: [gradient], read: place } = held.keep(
          await ascend(current.descent.latents, given, random),
        );
        const next = advance({ place, gradient, corrections, ...current });
        tf.dispose(current);
        current = next;
      }
      return current.nearest;
    } catch (error) {
      tf.dispose(current.nearest);
      throw error;
    } finally {
      tf.dispose(current.descent);
    }
  }

  return {
    norm: ball.name,
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const start = held.keep(await manifold.nearest(clean, random.fork("start")));
      const { images } = held.keep(
        await searchNearest(
          clean,
          settings,
          (constants, before) => descend(start, { clean, labels, constants }, before, random),
        ),
      );
      return tf.tidy(() => ball.project(images, ball.around(clean, epsilon)));
    },
    [Symbol.dispose]() {
      for (const part of [ascend, advance]) part[Symbol.dispose]();
    },
  };
}

/** The manifold of a victim's defense. */
function requireManifold<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { name, manifold }: Victim<O, L>,
  attack: string,
): VictimManifold<O> {
  if (manifold) return manifold;
  throw new RangeError(
    `Cannot attack "${name}" with "${attack}" as it has no defense that searches a generator's images: choose another attack`,
  );
}
