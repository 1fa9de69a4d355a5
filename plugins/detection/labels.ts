/**
 * Ground truth on the device: a fixed number of places for boxes, some of them padding.
 *
 * @module
 */
import type { Annotations, Box } from "@realign/core";
import * as tf from "@realign/core/tf";

/** What a dataset says of a picture. */
export type BoxAnnotation = Annotations["boxes"];

/** The boxes of a batch, M places for each example. A type, not an interface: tensor containers need its index signature. */
export type DetectionLabels = {
  /** `[B, M, 4]`: left, top, right, bottom as shares of the picture; 0 in padding. */
  readonly boxes: tf.Tensor3D;
  /** `[B, M]` int32 in `[0, K)`; -1 marks padding. */
  readonly classes: tf.Tensor2D;
  /** `[B, M]`: 0; 1 for a box that is hard to make out, 2 for a crowd. */
  readonly difficult: tf.Tensor2D;
};

/** How a crowd is marked among difficult boxes. */
export const CROWD = 2;

/**
 * What M may be: the least of these that holds every picture of a batch. So a step is recorded for few
 * sizes, and pictures of few boxes do not pay for those of many. COCO's have up to 93.
 */
const PLACES = [8, 32, 128] as const;

/**
 * Turns boxes into tensors of M places: 8, 32 or 128, as many as the fullest picture needs.
 *
 * @param annotations The boxes of each example
 * @param classCount K
 * @returns The labels
 * @throws {RangeError} If a box is empty, outside, or of no class, or if there are more than 128; it is named
 */
export function encodeLabels(
  annotations: readonly BoxAnnotation[],
  classCount: number,
): DetectionLabels {
  const batch = annotations.length;
  const places = placesFor(annotations);
  const boxes = new Float32Array(batch * places * 4);
  const classes = new Int32Array(batch * places).fill(-1);
  const difficult = new Float32Array(batch * places);
  for (const [row, annotation] of annotations.entries()) {
    const found: readonly Box[] = annotation.boxes;
    for (const [index, box] of found.entries()) {
      assertBox(box, classCount, `box ${index} of label ${row} of the batch`);
      const place = row * places + index;
      boxes.set(box.box, 4 * place);
      classes[place] = box.class;
      difficult[place] = box.crowd ? CROWD : Number(box.difficult);
    }
  }
  return {
    boxes: tf.tensor3d(boxes, [batch, places, 4]),
    classes: tf.tensor2d(classes, [batch, places], "int32"),
    difficult: tf.tensor2d(difficult, [batch, places]),
  };
}

/** M for a batch. */
function placesFor(annotations: readonly BoxAnnotation[]): number {
  const counts = annotations.map((annotation, row) => {
    const count: unknown = annotation?.boxes?.length;
    if (typeof count === "number" && count <= PLACES[PLACES.length - 1]) return count;
    throw new RangeError(
      `Cannot encode label ${row} of the batch as it must have a list of at most ${
        PLACES[PLACES.length - 1]
      } boxes: current count is ${count}`,
    );
  });
  const most = Math.max(0, ...counts);
  return PLACES.find((places) => places >= most)!;
}

function assertBox({ box, class: index }: Box, classCount: number, what: string): void {
  const [x1, y1, x2, y2] = box;
  if (!(box.length === 4 && 0 <= x1 && x1 < x2 && x2 <= 1 && 0 <= y1 && y1 < y2 && y2 <= 1)) {
    throw new RangeError(
      `Cannot encode ${what} as it must have sides above 0 within [0, 1]: current value is [${box}]`,
    );
  }
  if (!(Number.isInteger(index) && index >= 0 && index < classCount)) {
    throw new RangeError(
      `Cannot encode ${what} as its class must be an integer in [0, ${classCount}): current value is ${index}`,
    );
  }
}

/**
 * Which places hold a box that counts in training: neither padding nor difficult.
 *
 * @param labels The labels
 * @returns `[B, M]` of 0 and 1
 */
export function countingBoxes({ classes, difficult }: DetectionLabels): tf.Tensor2D {
  return tf.mul(
    tf.cast(tf.greaterEqual(classes, 0), "float32"),
    tf.sub(1, tf.minimum(difficult, 1)),
  );
}
