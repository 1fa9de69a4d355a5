/**
 * What each tap of a filter sees of an image.
 *
 * @module
 */
import * as tf from "../../../tf.ts";

/** Pads images so that every tap of a filter finds all its pixels in place. */
export function padToTaps(images: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const { padInfo: { top, left } } = info;
  const reachHeight = (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight;
  const reachWidth = (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth;
  const bottom = Math.max(0, reachHeight - info.inHeight - top);
  const right = Math.max(0, reachWidth - info.inWidth - left);
  if (top + left + bottom + right === 0) return images;
  return tf.pad(images, [[0, 0], [top, bottom], [left, right], [0, 0]]);
}
