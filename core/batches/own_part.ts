/**
 * One worker's rows of a batch.
 *
 * @module
 */
import { copied } from "../backend/containers.ts";
import type { Batch, Images } from "../dataset.ts";
import * as tf from "../tf.ts";

/** Some rows of a batch. Labels are encoded as those of the whole, whose padding they share. */
export function ownPart<L extends tf.TensorContainer>(
  { ids, indices, pass, count, labels }: Omit<Batch<L>, "images">,
  pixels: Float32Array,
  [, ...size]: Images["shape"],
  { first, rows }: { readonly first: number; readonly rows: number },
): Batch<L> {
  const end = first + rows;
  const area = pixels.length / ids.length;
  const images = tf.tensor4d(pixels.subarray(first * area, end * area), [rows, ...size]);
  const own = copied(labels, (tensor) => tf.slice(tensor, first, rows));
  tf.dispose(labels);
  return {
    ids: ids.slice(first, end),
    indices: indices.slice(first, end),
    pass,
    images,
    labels: own,
    count: Math.max(0, Math.min(count - first, rows)),
  };
}
