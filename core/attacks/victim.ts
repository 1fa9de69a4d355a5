/**
 * What is attacked. A victim answers queries about its output and provides gradients; how it computes
 * them (exactly, by BPDA, in expectation, from a substitute) is hidden from the attack.
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import type { Precision } from "../backend/precision.ts";
import { record, type RecordOptions } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Objective } from "./objective.ts";

/**
 * A query to a victim: recorded once as a step, then run on every batch. Dispose it.
 *
 * `given` are tensors that the query depends on besides the images; the caller owns the answer.
 */
export type Query<G extends tf.TensorContainer, R> =
  & ((images: Images, given: G, random: Random) => Promise<R>)
  & Disposable;

/** What a gradient query computes from the output. */
export interface Asked<R extends tf.TensorContainer> {
  /** Gains to ascend, `[B]` each; the gradient is that of the sum over the batch. */
  readonly gains: readonly tf.Tensor1D[];
  /** Anything else read from the output, without a gradient. */
  readonly read: R;
}

/** Values and directions of ascent. */
export interface Ascent<R extends tf.TensorContainer> extends tf.TensorContainerObject {
  readonly gains: tf.Tensor1D[];
  /** `[B, H, W, C]`, one per gain. */
  readonly gradients: Images[];
  readonly read: R;
}

/** The images that a victim's defense restores to, searched by the vectors that it makes them of. */
export interface VictimManifold<O extends tf.TensorContainer> {
  /**
   * The vectors that the defense finds.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`
   * @param random Where a random search starts
   * @returns z `[B, 1, 1, N]`, owned by the caller
   */
  nearest(images: Images, random: Random): Promise<tf.Tensor4D>;
  /**
   * Prepares a gradient with respect to z, which takes the place of images in the query.
   *
   * @param ask From O's output on the images of z, those images in the size of `clean`, and given tensors to the gains; pure
   * @param name Names the recorded step in errors
   */
  ascend<
    G extends tf.TensorContainerObject & { readonly clean: Images },
    R extends tf.TensorContainer,
  >(
    ask: (output: O, images: Images, given: G) => Asked<R>,
    name: string,
  ): Query<G, Ascent<R>>;
}

/** What an attack can query of its victim. */
export interface Victim<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly name: string;
  /** Weights that may change while an attack is in use. */
  readonly variables: readonly tf.Variable[];
  /**
   * Whether two answers about the same images may differ. No attack then takes an image for adversarial, or ends, by
   * one answer. @default {false}
   */
  readonly random?: boolean;
  /**
   * Whether an answer about an image follows its place in the batch, as behind frozen noise: attacks then leave
   * every image in its place. @default {false}
   */
  readonly positional?: boolean;
  /** Whether `ascend` gives means over draws (EOT), which then need no other mean. @default {false} */
  readonly averaged?: boolean;
  /** Objectives by name. */
  readonly objectives: Readonly<Record<string, Objective<O, L>>>;
  /** `[B, K]`, see TaskAdapter.logits. */
  logits?(output: O): tf.Tensor2D;
  /** `[B]` int32, see TaskAdapter.classOf. */
  classOf?(labels: L): tf.Tensor1D;
  /**
   * Prepares a query to the real output, which may be random,
   * asynchronous and without a gradient.
   *
   * @param read From output and given tensors to the answer; pure
   * @param name Names the recorded step in errors
   */
  forward<G extends tf.TensorContainer, R extends tf.TensorContainer>(
    read: (output: O, given: G) => R,
    name: string,
  ): Query<G, R>;
  /** Whose gradients `ascend` gives, and whose output it asks about, if not this victim's own. */
  readonly gradientOf?: Victim<O, L>;
  /**
   * Prepares a gradient with respect to the images. Absent for a black box.
   *
   * @param ask From output and given tensors to the gains; pure
   * @param name Names the recorded step in errors
   */
  ascend?<G extends tf.TensorContainer, R extends tf.TensorContainer>(
    ask: (output: O, given: G) => Asked<R>,
    name: string,
  ): Query<G, Ascent<R>>;
  /** Absent unless its defense searches for vectors. */
  readonly manifold?: VictimManifold<O>;
}

/** A differentiable function of images, from which a victim is made. */
export interface DifferentiableModel<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends Pick<Victim<O, L>, "name" | "objectives" | "logits" | "classOf"> {
  /** Pure and recordable; in inference mode. */
  forward(images: Images, noise: tf.TensorContainerObject): O;
  /** Draws the noise of one pass, if the model is random. */
  draw?(shape: Images["shape"], random: Random): tf.TensorContainerObject;
  /** Whether that noise may differ from pass to pass. Default: whether there is `draw` */
  readonly random?: boolean;
  /** Weights that may change. Default: none */
  readonly variables?: readonly tf.Variable[];
  /** Of its recorded steps. What is reported of a system is always float32. @default {"float32"} */
  readonly precision?: Precision;
}

interface Inputs<G extends tf.TensorContainer> extends tf.TensorContainerObject {
  readonly images: Images;
  readonly noise: tf.TensorContainerObject;
  readonly given: G;
}

/**
 * Creates a victim from a differentiable model, with its exact gradient. The noise of a random model is
 * drawn from the query's stream before the recorded step, and is the same for value and
 * gradient.
 *
 * @param model The model, its objectives, its weights
 * @returns The victim
 *
 * @example Usage
 * ```ts
 * import { createVictim } from "@realign/core/attacks";
 * import { createRandom } from "@realign/core";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const victim = createVictim({
 *   name: "square",
 *   forward: (images) => tf.sum(tf.square(images), [1, 2, 3]) as tf.Tensor1D,
 *   objectives: {},
 * });
 * using ascend = victim.ascend!((output, _: []) => ({ gains: [output], read: [] }), "square");
 * const images = tf.tensor4d([1, 2, 3], [1, 1, 1, 3]);
 * const { gains, gradients } = await ascend(images, [], createRandom(1));
 * assert.deepEqual([...gains[0].dataSync()], [14]);
 * assert.deepEqual([...gradients[0].dataSync()], [2, 4, 6]);
 * ```
 */
export function createVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  model: DifferentiableModel<O, L>,
): Victim<O, L> {
  const { name, objectives, logits, classOf, variables = [], precision } = model;
  const { random = model.draw !== undefined } = model;
  const ask = <G extends tf.TensorContainer, R extends tf.TensorContainer>(
    step: (inputs: Inputs<G>) => R,
    name: string,
  ): Query<G, R> =>
    recordedQuery(step, { name, variables, precision }, (images, random, held) => ({
      noise: held.keep(model.draw?.(images.shape, random) ?? {}),
    }));
  return {
    name,
    objectives,
    variables,
    ...random && { random },
    ...logits && { logits: (output: O) => logits(output) },
    ...classOf && { classOf: (labels: L) => classOf(labels) },
    forward: (read, name) =>
      ask(({ images, noise, given }) => read(model.forward(images, noise), given), name),
    ascend: (asked, name) =>
      ask(
        ({ images, noise, given }) =>
          ascentAt(images, (pixels) => asked(model.forward(pixels, noise), given)),
        name,
      ),
  };
}

/**
 * A query that a recorded step answers.
 *
 * @param step From images, given tensors and what is prepared for a question to the answer; pure
 * @param options Of the recorded step
 * @param prepare Makes the other inputs of a question; disposed with `held` once it is answered
 * @returns The query
 */
export function recordedQuery<
  I extends tf.TensorContainerObject & { readonly images: Images; readonly given: G },
  G extends tf.TensorContainer,
  R extends tf.TensorContainer,
>(
  step: (inputs: I) => R,
  options: RecordOptions,
  prepare: (
    images: Images,
    random: Random,
    held: HeldTensors,
  ) => Omit<I, "images" | "given"> | Promise<Omit<I, "images" | "given">>,
): Query<G, R> {
  const recorded = record(step, options);
  const query = async (images: Images, given: G, random: Random) => {
    using held = new HeldTensors();
    const prepared = await prepare(images, random, held);
    return recorded({ images, given, ...prepared } as unknown as I);
  };
  return Object.assign(query, { [Symbol.dispose]: () => recorded[Symbol.dispose]() });
}

/** Gains and their gradients at the given images. A recording holds a gain's forward pass once. */
export function ascentAt<R extends tf.TensorContainer>(
  images: Images,
  ask: (images: Images) => Asked<R>,
): Ascent<R> {
  const kept: { count: number; read: R } = { count: 1, read: [] as unknown as R };
  const gains: tf.Tensor1D[] = [];
  const gradients: Images[] = [];
  for (let index = 0; index < kept.count; index++) {
    const { value, grad } = tf.valueAndGrad((pixels) => {
      const { gains, read } = ask(pixels as Images);
      if (index === 0) {
        kept.count = gains.length;
        kept.read = keepAll(read);
      }
      return gains[index];
    })(images);
    gains.push(value as tf.Tensor1D);
    gradients.push(grad as Images);
  }
  return { gains, gradients, read: release(kept.read) };
}

/** Copies that outlive the scope of a gradient. */
function keepAll<R extends tf.TensorContainer>(container: R): R {
  return copied(container, (tensor) => tf.keep(tf.clone(tensor)));
}

/** Moves kept copies to the current scope. */
function release<R extends tf.TensorContainer>(container: R): R {
  return copied(container, (tensor) => {
    const owned = tf.clone(tensor);
    tensor.dispose();
    return owned;
  });
}
