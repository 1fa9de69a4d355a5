/**
 * Counts what systems say of an image under Gaussian noise.
 *
 * @module
 */
import { record } from "../backend/record.ts";
import type { Images } from "../dataset.ts";
import { answerBehind } from "../defenses/behind.ts";
import { isRandom } from "../defenses/gradient_of.ts";
import type { System } from "../evaluate/system.ts";
import { HeldTensors } from "../held_tensors.ts";
import { pause } from "../pause.ts";
import type { Random } from "../random.ts";
import type { TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { fillWithNoise } from "./noise.ts";

/** Inputs of a counter. */
export interface ClassCounterParts<O extends tf.TensorContainer> {
  /** What turns outputs into classes. */
  readonly task: Pick<TaskAdapter<O>, "name" | "classCount" | "logits">;
  /** What is asked, all with the same noise. */
  readonly systems: readonly System<O>[];
  /** `[H, W]` of the images. */
  readonly size: readonly [number, number];
  /** Draws that pass through a system at once. */
  readonly batchSize: number;
  readonly sigma: number;
  /** Ends the work between two batches: it then fails with its reason. */
  readonly signal?: AbortSignal;
}

/** Counts classes; holds recorded steps, dispose it. */
export interface ClassCounter extends Disposable {
  /**
   * Asks every system about an image under noise.
   *
   * @param image `[1, H, W, 3]` in `[0, 1]`; not disposed
   * @param draws Number of draws
   * @param random The stream of the noise
   * @param progress Called after each batch, with the number of draws done
   * @returns `[K]` counts of classes for each system; outputs that are not numbers are of no class
   */
  count(
    image: Images,
    draws: number,
    random: Random,
    progress?: (done: number) => void,
  ): Promise<number[][]>;
}

/**
 * Why systems cannot be certified.
 *
 * @param task Named in the text
 * @param systems All that are wanted
 * @returns One line; undefined if they can
 *
 * @example Usage
 * ```ts
 * import { createRandom, undefended } from "@realign/core";
 * import { smoothingRefusal } from "@realign/core/certify";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * assert.equal(smoothingRefusal(task, [undefended(target)]), undefined);
 * const pixels = { name: "segmentation", classCount: 2 };
 * assert.match(smoothingRefusal(pixels, [])!, /one class per image/);
 * ```
 */
export function smoothingRefusal<O>(
  // deno-lint-ignore no-explicit-any -- only whether they are there is looked at
  task: Pick<TaskAdapter<any, any>, "name" | "logits" | "classOf">,
  systems: readonly Pick<System<O>, "name" | "defense">[],
): string | undefined {
  if (!task.logits || !task.classOf) {
    return `Cannot certify as a certificate is of one class per image: current task is ${task.name}`;
  }
  // A frozen defense is not random, but still shares its noise.
  const random = systems.find(({ defense }) =>
    defense && (isRandom(defense) || defense.gradient?.draw)
  );
  return random &&
    `Cannot certify "${random.name}" as draws must be independent, and a random defense shares its noise within a batch`;
}

/**
 * Creates a counter. The base classifier that is smoothed is x -> system(clip(x)): noisy images are clipped to [0, 1], as
 * networks and defenses require, after the noise was added, so that the theorem holds for it as for any other.
 *
 * @param parts Task, systems, sizes, noise
 * @returns The counter
 * @throws {TypeError} If the task has no logits
 *
 * @example Usage
 * ```ts
 * import { createRandom, undefended } from "@realign/core";
 * import { createClassCounter } from "@realign/core/certify";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * using counter = createClassCounter({
 *   task,
 *   systems: [undefended(target)],
 *   size: [8, 8],
 *   batchSize: 4,
 *   sigma: 0.25,
 * });
 * const [counts] = await counter.count(tf.fill([1, 8, 8, 3], 0.5), 10, createRandom(2));
 * assert.equal(counts.reduce((sum, count) => sum + count), 10);
 * ```
 */
export function createClassCounter<O extends tf.TensorContainer>(
  { task, systems, size, batchSize, sigma, signal }: ClassCounterParts<O>,
): ClassCounter {
  const logitsOf = task.logits;
  if (!logitsOf) {
    throw new TypeError(`Cannot count classes as the task has no logits: it is ${task.name}`);
  }
  using stack = new DisposableStack();
  const shape: [number, number, number, number] = [batchSize, ...size, 3];
  const addNoise = stack.use(record(
    ({ image, noise }: { image: Images; noise: Images }) =>
      tf.clipByValue(tf.add(image, noise), 0, 1) as Images,
    { name: "noise" },
  ));
  const steps = systems.map(({ target, defense }) => {
    const answer = answerBehind({ target, defense });
    return stack.use(record(
      ({ images, isReal, counts }: { images: Images; isReal: tf.Tensor2D; counts: tf.Tensor1D }) =>
        tf.add(counts, countsOf(logitsOf(answer(images)), isReal)) as tf.Tensor1D,
      { name: `count ${defense?.name ?? "none"}` },
    ));
  });
  const noise = new Float32Array(shape.reduce((product, side) => product * side));
  const owned = stack.move();
  return {
    async count(image, draws, random, progress = () => {}) {
      const counts = systems.map(() => tf.zeros([task.classCount]) as tf.Tensor1D);
      try {
        for (let done = 0; done < draws;) {
          await pause(signal);
          using held = new HeldTensors();
          fillWithNoise(noise, sigma, random);
          const real = Math.min(batchSize, draws - done);
          const isReal = held.keep(maskOf(real, batchSize));
          const drawn = held.keep(tf.tensor4d(noise, shape));
          const noisy = held.keep(addNoise({ image, noise: drawn }));
          for (const [index, { defense }] of systems.entries()) {
            const images = defense ? held.keep(await defense.restore(noisy, random)) : noisy;
            const before = counts[index];
            counts[index] = steps[index]({ images, isReal, counts: before });
            before.dispose();
          }
          progress(done += real);
        }
        return await Promise.all(counts.map(async (one) => Array.from(await one.data())));
      } finally {
        tf.dispose(counts);
      }
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** `[B, 1]`: 1 for the first rows, 0 for those that only fill the batch. */
function maskOf(real: number, batchSize: number): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from({ length: batchSize }, (_, row) => row < real ? 1 : 0), [
    batchSize,
    1,
  ]);
}

/** `[K]`: how many real rows are of each class. A row with a logit that is not a number is of none. */
function countsOf(logits: tf.Tensor2D, isReal: tf.Tensor2D): tf.Tensor1D {
  const isNumber = tf.logicalNot(tf.any(tf.isNaN(logits), 1, true));
  const classes = tf.oneHot(tf.argMax(logits, 1) as tf.Tensor1D, logits.shape[1]);
  const counted = tf.mul(isReal, tf.cast(isNumber, "float32"));
  return tf.sum(tf.mul(tf.cast(classes, "float32"), counted), 0) as tf.Tensor1D;
}
