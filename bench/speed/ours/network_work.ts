/**
 * What is timed of a single network: L_o with its gradient in the images, and the way from a detector's
 * numbers to boxes.
 *
 * @module
 */
import { formatSafetensors, type HostTensor, type Images } from "@realign/core";
import { record } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import type { DetectionOutput } from "@realign/detection";
import { readDetections } from "../../../plugins/detection/read_detections.ts";
import { type NetworkProblem, type Output, toHost } from "./network.ts";
import type { RawKind } from "./raw_detections.ts";
import type { Work } from "./work.ts";

/** The loss and its gradient. A type, not an interface: tensor containers need its index signature. */
type Slope = { readonly loss: tf.Tensor; readonly gradient: tf.Tensor };

/** One pass forward and one back through O, its weights frozen: what a step of an attack asks of it. */
function createSlope({ task, target, images, labels }: NetworkProblem): () => Slope {
  const slope = record(
    (given: { images: Images; labels: tf.TensorContainer }) => {
      const lossOf = (pixels: tf.Tensor) =>
        task.taskLoss(target.forward(pixels as Images), given.labels);
      const { value, grad } = tf.valueAndGrad(lossOf)(given.images);
      return { loss: value, gradient: grad };
    },
    { name: "gradient" },
  );
  return () => slope({ images, labels }) as Slope;
}

/** L_o's gradient in the images. */
export function createGradient(problem: NetworkProblem): Work {
  const slope = createSlope(problem);
  return async () => {
    const { loss, gradient } = slope();
    await loss.data();
    tf.dispose([loss, gradient]);
  };
}

/** Boxes of a batch of numbers, read from the device. */
export function createBoxes({ raw }: NetworkProblem, which: RawKind) {
  const output = raw[which] as DetectionOutput;
  return () => readDetections(output, output.logits.shape[0]);
}

/**
 * Writes what is compared with the peers.
 *
 * @param problem The network and its data
 * @param path Of a safetensors file
 * @param which Of which numbers the boxes; the loss, its gradient and the outputs unless given
 */
export async function writeAnswer(
  problem: NetworkProblem,
  path: string,
  which?: RawKind,
): Promise<void> {
  const answer = new Map<string, HostTensor>();
  if (which) {
    for (const [index, found] of (await createBoxes(problem, which)()).entries()) {
      const data = Float32Array.from(found, ({ score }) => score);
      answer.set(`scores of ${index}`, { shape: [data.length], data });
    }
  } else {
    const { target, images } = problem;
    const { features: _, priors: __, ...outputs } = tf.tidy(() => target.forward(images));
    for (
      const [name, tensor] of Object.entries<tf.Tensor>(
        { ...outputs, ...createSlope(problem)() } as Output,
      )
    ) {
      answer.set(name, await toHost(tensor));
    }
  }
  await Deno.writeFile(path, formatSafetensors(answer, {}));
}
