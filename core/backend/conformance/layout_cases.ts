/**
 * Operations that move numbers about.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { type ConformanceCase, item } from "./case.ts";

/** All moves of the table. */
export const layoutCases: readonly ConformanceCase[] = [
  item("reshape", [[4, 9]], (x) => tf.reshape(x, [2, 6, 3]), { expected: (x) => x }),
  item("transpose of a matrix", [[3, 2]], (x) => tf.transpose(x), {
    expected: ([a, b, c, d, e, f]) => [a, c, e, b, d, f],
  }),
  item("transpose of three axes", [[4, 9, 3]], (x) => tf.transpose(x, [2, 0, 1])),
  item("transpose of images", [[2, 4, 5, 3]], (x) => tf.transpose(x, [0, 3, 1, 2])),
  item("transpose of six axes", [[2, 3, 2, 2, 3, 2]], (x) => tf.transpose(x, [0, 3, 1, 5, 2, 4])),
  item("concat of rows", [[4, 9], [2, 9]], (x, y) => tf.concat([x, y], 0)),
  item("concat of columns", [[4, 9], [4, 3]], (x, y) => tf.concat([x, y], 1)),
  item("concat of channels", [[2, 4, 4, 3], [2, 4, 4, 2]], (x, y) => tf.concat([x, y], 3)),
  item("stack", [[4, 9], [4, 9]], (x, y) => tf.stack([x, y], 1)),
  item("unstack", [[4, 9]], (x) => tf.unstack(x, 0)[2]),
  item("split", [[4, 9, 3]], (x) => tf.split(x, 3, 1)[1]),
  item("slice", [[4, 9, 3]], (x) => tf.slice(x, [1, 2, 0], [2, 4, 2])),
  item("slice of images", [[2, 6, 7, 3]], (x) => tf.slice(x, [0, 1, 1, 0], [2, 4, 5, 3])),
  item("slice of a batch", [[5, 4, 4, 3]], (x) => tf.slice(x, 2, 2)),
  item("stridedSlice", [[4, 9, 3]], (x) => tf.stridedSlice(x, [0, 1, 0], [4, 9, 3], [1, 2, 1]), {
    differentiable: false,
  }),
  item("tile", [[4, 9]], (x) => tf.tile(x, [2, 3])),
  item("reverse", [[4, 9, 3]], (x) => tf.reverse(x, [0, 1])),
  item("expandDims and squeeze", [[4, 1, 9]], (x) => tf.expandDims(tf.squeeze(x, [1]), 2)),
  item("broadcastTo", [[4, 1, 3]], (x) => tf.broadcastTo(x, [4, 5, 3])),
  item("addN", [[4, 9], [4, 9], [4, 9]], (x, y, z) => tf.addN([x, y, z])),
  item("depthToSpace", [[1, 4, 4, 8]], (x) => tf.depthToSpace(x, 2), { differentiable: false }),
  item("spaceToBatchND", [[1, 4, 4, 2]], (x) => tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 0]])),
  item("batchToSpaceND", [[4, 2, 2, 2]], (x) => tf.batchToSpaceND(x, [2, 2], [[0, 0], [0, 0]])),
  item(
    "cropAndResize",
    [[1, 8, 8, 3]],
    (x) => tf.image.cropAndResize(x, [[0.1, 0.1, 0.8, 0.9]], [0], [5, 5]),
    {
      differentiable: false,
    },
  ),
];
