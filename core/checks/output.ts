/**
 * What a task makes of an output: the facts that a training relies on.
 *
 * @module
 */
import type { FeatureExtractor } from "../losses/mod.ts";
import type { TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";

/**
 * Fails where features, their classes or the loss of an output are not what the core is told they are.
 *
 * @param task Which makes them
 * @param output O's, of `count` examples
 * @param labels Of the same examples
 * @param count Examples
 * @param extract How features are extracted. Default: the task's `extractFeatures`
 * @throws {RangeError} If a class is not below `task.classCount`
 * @throws {TypeError} If a shape or type is another than it should be, or a loss or feature is not finite
 */
export async function checkOutput<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  task: TaskAdapter<O, L, A>,
  output: O,
  labels: L,
  count: number,
  extract: FeatureExtractor<O, L> = (output, labels) => task.extractFeatures(output, labels),
): Promise<void> {
  const { loss, vectors, classes } = tf.tidy(() => {
    const features = extract(output, labels);
    return {
      loss: tf.clone(task.taskLoss(output, labels)),
      vectors: tf.clone(features.vectors),
      classes: tf.clone(features.classes),
    };
  });
  const [values, [lossValue], numbers] = await Promise.all([
    classes.data(),
    loss.data(),
    vectors.data(),
  ]);
  tf.dispose([loss, vectors, classes]);
  const fail = (what: string, current: unknown) => {
    throw new TypeError(
      `Cannot train ${task.name} as ${what}: current value is ${JSON.stringify(current)}`,
    );
  };
  if (loss.rank !== 0) fail("taskLoss must give one number, of shape []", loss.shape);
  if (!Number.isFinite(lossValue)) fail("taskLoss must be finite", String(lossValue));
  const { shape } = vectors;
  if (shape.length !== 2) fail("features must have vectors of shape [N, D]", shape);
  if (shape[0] % count !== 0) fail(`features must be as many for each of ${count}`, shape);
  if (classes.rank !== 1 || classes.size !== shape[0]) {
    fail(`features of shape ${JSON.stringify(shape)} must have classes of [N]`, classes.shape);
  }
  if (classes.dtype !== "int32") fail("classes of features must be int32", classes.dtype);
  const odd = numbers.find((value) => !Number.isFinite(value));
  if (odd !== undefined) fail("features must be finite", String(odd));
  const beyond = values.find((value) => !(value >= -1 && value < task.classCount));
  if (beyond !== undefined) {
    throw new RangeError(
      `Cannot train ${task.name} as classes of features must be below its classCount of ${task.classCount}, or -1: current value is ${beyond}`,
    );
  }
}
