/**
 * The whole losses of G and of D: Eq. 10 and 3.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Discriminator } from "../networks/discriminator.ts";
import type { PerceptualNetwork } from "../networks/perceptual.ts";
import type { LossWeights } from "../preset.ts";
import { assertShapes } from "../shapes.ts";
import type { LabelledFeatures, TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import {
  adversarialLoss,
  discriminatorLoss,
  type DiscriminatorMaps,
  featureMatchingLoss,
} from "./adversarial.ts";
import { classCentres, groupByClass } from "./class_groups.ts";
import {
  classAlignLoss,
  classInterLoss,
  classIntraLoss,
  featureReconstructionLoss,
} from "./feature.ts";
import { half } from "./portions.ts";
import { perceptualLoss, reconstructionLoss } from "./pixel.ts";
import type { ResolvedLosses } from "./setting.ts";

/** What the loss of G is computed from. */
export interface GeneratorLossInputs<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  /** x^c `[B, H, W, 3]`. */
  readonly clean: Images;
  /** x^a `[B, H, W, 3]`. */
  readonly adversarial: Images;
  /** x̂^c, then x̂^a: `[2B, H, W, 3]`. */
  readonly restored: Images;
  /** y^c of the B examples. */
  readonly labels: L;
  readonly discriminator: Pick<Discriminator, "features">;
  readonly perceptual: Pick<PerceptualNetwork, "features">;
  /** O in inference mode. The first axis of every tensor of its output is that of the examples. */
  readonly target: Pick<TargetModel<O>, "forward">;
  readonly task: Pick<TaskAdapter<O, L>, "classCount" | "extractFeatures" | "taskLoss">;
  /** z^c, where it is known already; otherwise O is run on x^c. */
  readonly cleanFeatures?: LabelledFeatures;
}

/** What the loss of D is computed from. */
export interface DiscriminatorLossInputs {
  /** x^c `[B, H, W, 3]`. */
  readonly clean: Images;
  /** x̂^c, then x̂^a: `[2B, H, W, 3]`, computed outside of what is differentiated. */
  readonly restored: Images;
  readonly discriminator: Pick<Discriminator, "features">;
}

/** A loss and what it is made of. */
export interface Losses<Names extends string> {
  /** The weighted sum. */
  readonly total: tf.Scalar;
  /** Each term as it is without its weight; a term of weight 0 is absent. */
  readonly terms: Readonly<Partial<Record<Names, tf.Scalar>>>;
}

/**
 * L_g = λ4 L_r + λ5 L_p + λ6 L_GANg + λ7 L_m + λ8 L_Ftask + λ9 L_Frec + λ1 L_Falign + λ2 L_Finter +
 * λ3 L_Fintra (Eq. 9 and 10).
 *
 * A network runs once on all restored images, and only if a term of weight above 0 needs it.
 *
 * @param inputs Images, networks, task
 * @param settings From {@linkcode resolveLosses}
 * @returns The loss and its terms
 * @throws {TypeError} If shapes do not fit together
 *
 * @example Usage
 * ```ts
 * import { generatorLosses, resolveLosses } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = resolveLosses({
 *   setting: "L_F",
 *   pixelTarget: "intermediate",
 *   stopGradient: false,
 *   pixelDistance: "absolute",
 *   weights: {
 *     reconstruction: 1,
 *     perceptual: 1,
 *     adversarial: 1,
 *     featureMatching: 1,
 *     task: 2,
 *     featureReconstruction: 3,
 *     classAlign: 1,
 *     classInter: 1,
 *     classIntra: 1,
 *   },
 *   margin: 1,
 *   interClass: "hinge",
 *   classReduction: "mean",
 * });
 * const images = (count: number, value: number) => tf.fill([count, 4, 4, 3], value) as tf.Tensor4D;
 * const { total, terms } = generatorLosses({
 *   clean: images(1, 0.25),
 *   adversarial: images(1, 0.5),
 *   restored: images(2, 0.75),
 *   labels: tf.tensor1d([0], "int32"),
 *   discriminator: { features: () => [] },
 *   perceptual: { features: () => [] },
 *   target: { forward: (batch: tf.Tensor4D) => tf.mean(batch, [1, 2]) as tf.Tensor2D },
 *   task: {
 *     classCount: 2,
 *     extractFeatures: (vectors: tf.Tensor2D, classes: tf.Tensor1D) => ({ vectors, classes }),
 *     taskLoss: (vectors: tf.Tensor2D) => tf.mean(vectors),
 *   },
 * }, settings);
 * assert.deepEqual(Object.keys(terms), ["task", "featureReconstruction"]);
 * assert.equal(total.dataSync()[0], 2 * (0.75 + 0.75) + 3 * (0.5 + 0.5));
 * ```
 */
export function generatorLosses<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  inputs: GeneratorLossInputs<O, L>,
  settings: ResolvedLosses,
): Losses<keyof LossWeights> {
  const { clean, adversarial, restored } = inputs;
  assertImages("compute the loss of the generator", { clean, adversarial }, restored);
  const compute: Readonly<Record<keyof LossWeights, () => tf.Scalar>> = {
    ...pixelTerms(inputs, settings),
    ...featureTerms(inputs, settings),
  };
  const names = (Object.keys(compute) as (keyof LossWeights)[])
    .filter((name) => settings.weights[name] > 0);
  const terms = Object.fromEntries(names.map((name) => [name, compute[name]()]));
  const weighted = names.map((name) => tf.mul(terms[name], settings.weights[name]));
  return { total: tf.addN(weighted) as tf.Scalar, terms };
}

/**
 * L_GANd (Eq. 3) with what the settings take for real and for fake; D runs once.
 *
 * @param inputs Images and D
 * @param settings From {@linkcode resolveLosses}
 * @returns The loss, as the one term "discriminator"
 * @throws {TypeError} If shapes do not fit together
 *
 * @example Usage
 * ```ts
 * import { discriminatorLosses } from "@realign/core/losses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const clean = tf.ones([1, 4, 4, 3]) as tf.Tensor4D;
 * const restored = tf.concat([tf.mul(clean, 0.5) as tf.Tensor4D, clean]);
 * const discriminator = { features: (images: tf.Tensor4D) => [[images]] };
 * const { total } = discriminatorLosses({ clean, restored, discriminator }, { real: "restored" });
 * assert.equal(total.dataSync()[0], 0.5 ** 2 + 1 ** 2);
 * ```
 */
export function discriminatorLosses(
  inputs: DiscriminatorLossInputs,
  { real }: Pick<ResolvedLosses, "real">,
): Losses<"discriminator"> {
  const { clean, restored, discriminator } = inputs;
  assertImages("compute the loss of the discriminator", { clean }, restored);
  // Traditionally all restored images are fake: one run over [x^c, x̂^c, x̂^a].
  const images = real === "clean" ? tf.concat([clean, restored]) : restored;
  const maps = discriminator.features(images);
  const count = clean.shape[0];
  const total = discriminatorLoss(
    mapAll(maps, (map) => rows(map, 0, count)),
    mapAll(maps, (map) => rows(map, count, images.shape[0] - count)),
  );
  return { total, terms: { discriminator: total } };
}

type PixelTerm = "reconstruction" | "perceptual" | "adversarial" | "featureMatching";

function pixelTerms(
  { clean, adversarial, restored, discriminator, perceptual }: Pick<
    // Pixel terms know nothing of the task.
    GeneratorLossInputs<tf.TensorContainer, tf.TensorContainer>,
    "clean" | "adversarial" | "restored" | "discriminator" | "perceptual"
  >,
  settings: ResolvedLosses,
): Record<PixelTerm, () => tf.Scalar> {
  const maps = once(() => discriminator.features(restored));
  const traditional = settings.real === "clean";
  const fake = () => traditional ? maps() : half(maps(), 1);
  const real = () => {
    if (!traditional) return half(maps(), 0);
    return mapAll(discriminator.features(clean), (map) => tf.concat([map, map]));
  };
  return {
    reconstruction: () => {
      const [restoredClean, restoredAdversarial] = [half(restored, 0), half(restored, 1)];
      return reconstructionLoss(
        { clean, adversarial, restoredClean, restoredAdversarial },
        settings,
      );
    },
    perceptual: () => {
      const features = perceptual.features(restored);
      const both = settings.pixelTarget === "adversarial";
      const references = perceptual.features(both ? tf.concat([clean, adversarial]) : clean);
      return perceptualLoss({
        clean: both ? half(references, 0) : references,
        adversarial: both ? half(references, 1) : undefined,
        restoredClean: half(features, 0),
        restoredAdversarial: half(features, 1),
      }, settings);
    },
    adversarial: () => adversarialLoss(fake()),
    featureMatching: () => featureMatchingLoss(real(), fake()),
  };
}

function featureTerms<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { clean, restored, labels, target, task, cleanFeatures }: GeneratorLossInputs<O, L>,
  settings: ResolvedLosses,
): Record<Exclude<keyof LossWeights, PixelTerm>, () => tf.Scalar> {
  const output = once(() => target.forward(restored));
  const outputs = [once(() => half(output(), 0)), once(() => half(output(), 1))];
  const known = once(() =>
    (cleanFeatures ?? task.extractFeatures(target.forward(clean), labels)).vectors
  );
  const features = outputs.map((part) => once(() => task.extractFeatures(part(), labels)));
  const vectors = () => features[1]().vectors;
  const groups = once(() => groupByClass(features[1]().classes, task.classCount));
  const centres = once(() => classCentres(groups(), vectors()));
  return {
    task: () => {
      const [onClean, onAdversarial] = outputs.map((part) => task.taskLoss(part(), labels));
      return tf.add(onClean, onAdversarial);
    },
    featureReconstruction: () => {
      const [onClean, onAdversarial] = features.map((part) =>
        featureReconstructionLoss(known(), part())
      );
      return tf.add(onClean, onAdversarial);
    },
    classAlign: () =>
      classAlignLoss(groups(), classCentres(groups(), known()), centres(), settings),
    classInter: () => classInterLoss(groups(), centres(), settings),
    classIntra: () => classIntraLoss(groups(), centres(), vectors(), settings),
  };
}

/** Computes at the first call and remembers. */
function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}

function mapAll(
  maps: DiscriminatorMaps,
  change: (map: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D[][] {
  return maps.map((scale) => scale.map(change));
}

function rows(map: tf.Tensor4D, begin: number, count: number): tf.Tensor4D {
  return tf.slice(map, [begin, 0, 0, 0], [count, ...map.shape.slice(1)] as typeof map.shape);
}

function assertImages(
  doing: string,
  images: Readonly<Record<string, Images>>,
  restored: Images,
): void {
  const shapes = Object.fromEntries(Object.keys(images).map((name) => [name, ["B", "H", "W", 3]]));
  const { B, H, W } = assertShapes(doing, images, shapes);
  assertShapes(doing, { restored }, { restored: [2 * B, H, W, 3] });
}
