/**
 * The loss of divide-and-conquer adversarial training: Xu et al. 2021, "Dynamic Divide-and-Conquer Adversarial Training
 * for Robust Semantic Segmentation" (DDC-AT).
 *
 * @module
 */
import { type Images, Parameters, type TargetModel } from "@realign/core";
import { crossEntropy } from "@realign/core/attacks";
import {
  attackedRows,
  lastRows,
  type PairLoss,
  stopGradient,
  withLastAttacked,
} from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import type { SegmentationOutput, Segmenter, WithHeads } from "./models/mod.ts";

/** The second classifier, of the pixels that the mask gives it. */
const SECOND = "cls2";
/** Which classifier a pixel is for: 0, the main one, or 1. */
const MASK = "mask";

/**
 * Divides pixels between O's main head and a second one, as a mask head says. Of the clean part of a batch, a pixel is
 * the second head's where its prediction changes under the attack; of the attacked part, every pixel is the main
 * head's. A pixel trains the head that the mask gives it: L_o of the logits chosen so, and the mean cross-entropy of the
 * mask over all pixels, ignored ones too. The attack is on the main head alone, which alone is O.
 *
 * Both heads are shaped as the main one and are dropped when the training ends. From scratch they are drawn at random;
 * where O starts from weights, the second head starts as a copy of the main one.
 *
 * @example Usage
 * ```ts
 * import { createSegmentation, ddcat } from "@realign/segmentation";
 * import assert from "node:assert/strict";
 *
 * const task = createSegmentation({ classNames: ["road", "sky"], imageSize: [17, 17] });
 * assert.equal(task.trainingLosses!.ddcat, ddcat);
 * ```
 */
export const ddcat: PairLoss<SegmentationOutput, tf.Tensor3D> = {
  create({ task, target, settings: { share = 1 }, random, finetuned }) {
    const segmenter = segmenterOf(target);
    const parameters = new Parameters(random);
    const forward = segmenter.withHeads(parameters, { [SECOND]: task.classCount, [MASK]: 2 });
    if (finetuned) copyHead(segmenter, parameters);
    const decide = (images: Images) => tf.argMax(chosenLogits(forward(images, "inference")), 3);
    return {
      parameters,
      observe: ({ clean, adversarial }) =>
        tf.cast(tf.notEqual(decide(clean), decide(adversarial)), "int32"),
      terms({ clean, adversarial }, labels, observed) {
        const rows = attackedRows(clean.shape[0], share);
        const mixed = withLastAttacked(clean, lastRows(adversarial, rows));
        const output = forward(mixed, "training");
        const own = task.taskLoss({ ...output, logits: chosenLogits(output) }, labels);
        const mask = maskLoss(output.more[MASK], divisionOf(observed as tf.Tensor3D, rows));
        return { task: own, mask, total: tf.add(own, mask) };
      },
      [Symbol.dispose]: () => parameters[Symbol.dispose](),
    };
  },
};

/** O as a network that takes more heads. */
function segmenterOf(target: TargetModel<SegmentationOutput>): Segmenter {
  if ("withHeads" in target) return target as Segmenter;
  throw new RangeError(
    `Cannot train with the loss "ddcat" as the target must take more heads (withHeads): current target is "${target.name}"`,
  );
}

/** Of each pixel the logits of the head that the mask chooses, `[B, H, W, K]`; the choice is a constant. */
function chosenLogits({ logits, more }: WithHeads): tf.Tensor4D {
  const choice = tf.argMax(stopGradient(more[MASK]), 3);
  const second = tf.cast(tf.expandDims(choice, 3), "float32");
  return tf.add(tf.mul(logits, tf.sub(1, second)), tf.mul(more[SECOND], second));
}

/**
 * Which head each pixel of a mixed batch is for.
 *
 * @param changed `[B, H, W]` int32: 1 where the attack changes the prediction
 * @param rows How many of the last examples are attacked
 * @returns `[B, H, W]` int32, 0 in the attacked examples
 */
function divisionOf(changed: tf.Tensor3D, rows: number): tf.Tensor3D {
  const attacked = tf.zerosLike(lastRows(changed, rows));
  const kept = changed.shape[0] - rows;
  return kept === 0 ? attacked : tf.concat([tf.slice(changed, 0, kept), attacked]) as tf.Tensor3D;
}

/** The mean cross-entropy of `[B, H, W, 2]` over all pixels. */
function maskLoss(logits: tf.Tensor4D, division: tf.Tensor3D): tf.Scalar {
  const rows = tf.reshape(logits, [-1, 2]) as tf.Tensor2D;
  return tf.mean(crossEntropy(rows, tf.reshape(division, [-1]) as tf.Tensor1D)) as tf.Scalar;
}

/** Gives the second head the weights of the main one. */
function copyHead({ head, parameters: own }: Segmenter, parameters: Parameters): void {
  const variables = new Map(own.names.map((name, index) => [name, own.variables[index]]));
  parameters.names.forEach((name, index) => {
    if (!name.startsWith(`${SECOND}.`)) return;
    parameters.variables[index].assign(variables.get(head + name.slice(SECOND.length))!);
  });
}
