/**
 * Free adversarial training of O: Shafahi et al. 2019, "Adversarial Training for Free!".
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import type { Batch, Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { gradientsOf } from "./gradients.ts";
import type { Stateful } from "./method.ts";
import { plainPlan, type TargetParts, type TargetPlan } from "./target_plan.ts";

/** The perturbation that is kept from batch to batch: a row belongs to a place in the batch, not to a picture. */
class Perturbation implements Stateful, Disposable {
  /** delta `[B, H, W, 3]`, at first 0. */
  readonly delta: tf.Variable<tf.Rank.R4>;

  constructor(shape: Images["shape"]) {
    this.delta = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R4>(shape)));
  }

  get variables(): readonly tf.Variable[] {
    return [this.delta];
  }

  async export(): Promise<Map<string, HostTensor>> {
    const { delta } = this;
    return new Map([["delta", {
      shape: [...delta.shape],
      data: await delta.data<"float32">(),
    }]]);
  }

  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void {
    const { delta } = this;
    const kept = tensors.get("delta");
    if (kept?.data.length !== delta.size) {
      throw new TypeError(
        `Cannot load the perturbation of ${origin} as it must have ${delta.size} numbers: current count is ${
          kept?.data.length ?? 0
        }`,
      );
    }
    tf.tidy(() => delta.assign(tf.tensor4d(kept.data, delta.shape)));
  }

  [Symbol.dispose](): void {
    this.delta.dispose();
  }
}

/**
 * The plan of Free: one backward pass gives the gradients of L_o(f(clip(x + delta))) in the weights and in delta. Then
 * delta <- clip(delta + epsilon sign(gradient), ±epsilon), and the weights move by theirs, which was taken at the old
 * delta. The pass is in training mode, so the attack sees batch statistics, as in the original.
 *
 * @param parts O and its task
 * @param epsilon Radius and step size
 * @param shape Of a batch of images
 * @returns The plan, with delta as the state "perturbation"
 */
export function replayedPlan<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: TargetParts<O, L>,
  epsilon: number,
  shape: Images["shape"],
): TargetPlan<L> {
  const { task, target } = parts;
  const { trainable } = target.parameters;
  const perturbation = new Perturbation(shape);
  const { delta } = perturbation;
  return {
    ...plainPlan(parts),
    state: { perturbation },
    compute({ images, labels }) {
      const { loss, gradients } = gradientsOf([...trainable, delta], () => {
        const attacked = tf.clipByValue(tf.add(images, delta), 0, 1) as Images;
        return { loss: task.taskLoss(target.forward(attacked, "training"), labels) };
      });
      const ascent = gradients.at(-1);
      if (ascent) {
        const moved = tf.add(delta, tf.mul(tf.sign(ascent), epsilon));
        delta.assign(tf.clipByValue(moved, -epsilon, epsilon) as Images);
      }
      return { terms: { task: loss }, gradients: gradients.slice(0, -1) };
    },
    [Symbol.dispose]: () => perturbation[Symbol.dispose](),
  };
}

/** The batches of a training from one step up to another. */
type Batches<L> = (start: number, end: number) => AsyncGenerator<Batch<L>, void, void>;

/**
 * Batches that come several times in a row, the same pictures each time: step s has batch floor(s / replays).
 *
 * @param batches The batches as they come once
 * @param replays How often each comes
 * @returns The batches of each step; the caller disposes them
 *
 * @example Usage
 * ```ts
 * import { replayed } from "./replayed_target.ts";
 * import { createToyDataset, toyTrainingBatches } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const once = (start: number, end: number) => toyTrainingBatches(createToyDataset(18), start, end);
 * const first: number[] = [];
 * for await (const { indices, images, labels } of replayed(once, 2)(1, 6)) {
 *   first.push(indices[0]);
 *   tf.dispose([images, labels]);
 * }
 * const [a, b, c] = [first[0], first[1], first[3]];
 * assert.deepEqual(first, [a, b, b, c, c]);
 * ```
 */
export function replayed<L extends tf.TensorContainer>(
  batches: Batches<L>,
  replays: number,
): Batches<L> {
  return async function* (start, end) {
    let step = start;
    const first = Math.floor(start / replays);
    for await (const batch of batches(first, Math.ceil(end / replays))) {
      const last = Math.min(end, (Math.floor(step / replays) + 1) * replays);
      try {
        for (; step < last; step++) {
          yield {
            ...batch,
            images: tf.clone(batch.images),
            labels: copied(batch.labels, (tensor) => tf.clone(tensor)),
          };
        }
      } finally {
        tf.dispose([batch.images, batch.labels]);
      }
    }
  };
}
