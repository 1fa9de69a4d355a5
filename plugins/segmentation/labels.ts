/**
 * Label maps as datasets give them, and as tensors.
 *
 * @module
 */
import { type Annotations, IGNORED_CLASS } from "@realign/core";
import * as tf from "@realign/core/tf";

/** What a dataset says of a picture: a class for each pixel, alone or among other things. */
export type SegmentationAnnotation = Annotations["labelMap"];

/**
 * Puts label maps on the device.
 *
 * @param annotations All of one size
 * @param classCount K
 * @returns `[B, H, W]` int32 in `[0, K)`, or -1 where a pixel is ignored
 * @throws {TypeError} If a map is missing, or of another size than it says or than the others have
 * @throws {RangeError} If a map holds a class that there is none of; its place is named
 */
export function encodeLabelMaps(
  annotations: readonly SegmentationAnnotation[],
  classCount: number,
): tf.Tensor3D {
  const maps = annotations.map((annotation) => annotation?.labelMap);
  const { height, width } = maps[0] ?? { height: 0, width: 0 };
  const area = height * width;
  const values = new Int32Array(maps.length * area);
  for (const [index, map] of maps.entries()) {
    if (map?.height !== height || map.width !== width || map.classes?.length !== area) {
      throw new TypeError(
        `Cannot encode label map ${index} of the batch as it must be ${height}x${width} with one class per pixel: current size is ${map?.height}x${map?.width} with ${map?.classes?.length}`,
      );
    }
    map.classes.forEach((value, at) => {
      if (value !== IGNORED_CLASS && value >= classCount) {
        throw new RangeError(
          `Cannot encode label map ${index} of the batch as its classes must be below ${classCount}, or ${IGNORED_CLASS} for ignored pixels: current value is ${value} at row ${
            Math.floor(at / width)
          }, column ${at % width}`,
        );
      }
      values[index * area + at] = value === IGNORED_CLASS ? -1 : value;
    });
  }
  return tf.tensor3d(values, [maps.length, height, width], "int32");
}
