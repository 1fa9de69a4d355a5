/**
 * The angle of a bar as a task: a regression; ranges of angles serve as classes of features.
 *
 * @module
 */
import { type Metric, type TaskAdapter, wilsonInterval } from "@realign/core";
import * as tf from "@realign/core/tf";
import { type BarAngle, RANGES } from "./dataset.ts";
import { type BarOutput, createBarNet } from "./network.ts";

/** The ground truth of B images. */
interface BarLabels extends tf.TensorContainerObject {
  /** (cos 2θ, sin 2θ), `[B, 2]`. */
  direction: tf.Tensor2D;
  /** Index of θ's range, `[B]` int32. */
  ranges: tf.Tensor1D;
}

/** An angle counts as right if its error is at most this many degrees. */
const TOLERANCE = 10;

function encodeLabels(annotations: readonly BarAngle[]): BarLabels {
  const angles = annotations.map(({ angle }) => angle);
  const impossible = angles.find((angle) => !(angle >= 0 && angle < Math.PI));
  if (impossible !== undefined) {
    throw new RangeError(
      `Cannot encode an angle as it must be in [0, π): current value is ${impossible}`,
    );
  }
  return {
    direction: tf.tensor2d(angles.map((angle) => [Math.cos(2 * angle), Math.sin(2 * angle)])),
    ranges: tf.tensor1d(
      angles.map((angle) => Math.floor(angle / Math.PI * RANGES.length)),
      "int32",
    ),
  };
}

/** Squared distance of each image's direction from the truth, `[B]`. */
const squaredError = (output: BarOutput, labels: BarLabels): tf.Tensor1D =>
  tf.sum(tf.square(tf.sub(output.direction, labels.direction)), 1);

/** Angles of `[B, 2]` directions, in degrees in [0, 180). */
async function degrees(direction: tf.Tensor2D): Promise<number[]> {
  const rows = await direction.array();
  return rows.map(([cos, sin]) => (Math.atan2(sin, cos) * 90 / Math.PI + 180) % 180);
}

/** The fraction of images whose angle is right within 10 degrees. */
function createMetric(): Metric<BarOutput, BarLabels> {
  const errors: number[] = [];
  return {
    async update(output, labels, count) {
      const [found, truth] = [await degrees(output.direction), await degrees(labels.direction)];
      for (let row = 0; row < count; row++) {
        const difference = Math.abs(found[row] - truth[row]);
        errors.push(Math.min(difference, 180 - difference));
      }
    },
    result() {
      const right = errors.filter((error) => error <= TOLERANCE).length;
      return {
        name: `within ${TOLERANCE}°`,
        value: right / errors.length,
        count: errors.length,
        interval: wilsonInterval(right, errors.length),
        details: { meanError: errors.reduce((sum, error) => sum + error, 0) / errors.length },
      };
    },
  };
}

/** Everything the core needs from the task. */
export const barAngle: TaskAdapter<BarOutput, BarLabels, BarAngle> = {
  name: "bar-angle",
  classCount: RANGES.length,
  createTarget: createBarNet,
  encodeLabels,
  augmentations: { none: (example) => example },
  extractFeatures: ({ features }, { ranges }) => ({ vectors: features, classes: ranges }),
  taskLoss: (output, labels) => tf.mean(squaredError(output, labels)) as tf.Scalar,
  objectives: { "squared-error": (output, labels) => squaredError(output, labels) },
  attacks: {},
  createMetric,
  describe: async ({ direction }, count) =>
    (await degrees(direction)).slice(0, count).map((angle) => `${angle.toFixed(0)}°`),
};
