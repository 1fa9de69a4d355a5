/**
 * Convolutions: every stride, padding, dilation and kernel that the networks have.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import { type ConformanceCase, item } from "./case.ts";
import { convolve } from "./closed_forms.ts";

const plain: ConformanceCase[] = [[9, 11], [8, 8]].flatMap(([height, width]) =>
  [1, 2].flatMap((stride) =>
    (["same", "valid"] as const).flatMap((pad) =>
      [1, 3].map((kernel) =>
        item(
          `conv2d ${height}x${width}, kernel ${kernel}, stride ${stride}, ${pad}`,
          [[2, height, width, 5], [kernel, kernel, 5, 7]],
          (x, filter) => tf.conv2d(x, filter, stride, pad),
        )
      )
    )
  )
);

const explicit: [number, number][] = [[0, 0], [1, 1], [1, 1], [0, 0]];
const uneven: [number, number][] = [[0, 0], [2, 0], [0, 1], [0, 0]];

/** All convolutions of the table. */
export const convolutionCases: readonly ConformanceCase[] = [
  ...plain,
  item(
    "conv2d by definition, stride 1",
    [[2, 6, 7, 3], [3, 3, 3, 4]],
    (x, filter) => tf.conv2d(x, filter, 1, "same"),
    {
      expected: (x, filter) =>
        convolve(x, [2, 6, 7, 3], filter, 4, {
          kernel: 3,
          stride: 1,
          top: 1,
          left: 1,
          height: 6,
          width: 7,
        }),
    },
  ),
  item(
    "conv2d by definition, stride 2",
    [[2, 6, 7, 3], [3, 3, 3, 4]],
    (x, filter) => tf.conv2d(x, filter, 2, "same"),
    {
      expected: (x, filter) =>
        convolve(x, [2, 6, 7, 3], filter, 4, {
          kernel: 3,
          stride: 2,
          top: 0,
          left: 1,
          height: 3,
          width: 4,
        }),
    },
  ),
  item(
    "conv2d by definition, dilation 2",
    [[2, 8, 8, 2], [3, 3, 2, 3]],
    (x, filter) => tf.conv2d(x, filter, 1, "valid", "NHWC", 2),
    {
      expected: (x, filter) =>
        convolve(x, [2, 8, 8, 2], filter, 3, {
          kernel: 3,
          stride: 1,
          dilation: 2,
          top: 0,
          left: 0,
          height: 4,
          width: 4,
        }),
    },
  ),
  item(
    "conv2d by definition, dilation 4 beyond the border",
    [[2, 5, 6, 3], [3, 3, 3, 4]],
    (x, filter) => tf.conv2d(x, filter, 1, "same", "NHWC", 4),
    {
      expected: (x, filter) =>
        convolve(x, [2, 5, 6, 3], filter, 4, {
          kernel: 3,
          stride: 1,
          dilation: 4,
          top: 4,
          left: 4,
          height: 5,
          width: 6,
        }),
    },
  ),
  item(
    "conv2d wide",
    [[2, 8, 8, 32], [3, 3, 32, 64]],
    (x, filter) => tf.conv2d(x, filter, 1, "same"),
  ),
  item(
    "conv2d wide, kernel 4, stride 2",
    [[2, 8, 8, 32], [4, 4, 32, 64]],
    (x, filter) => tf.conv2d(x, filter, 2, "same"),
  ),
  item(
    "conv2d kernel 7 of 3 channels",
    [[1, 20, 20, 3], [7, 7, 3, 16]],
    (x, filter) => tf.conv2d(x, filter, 1, "valid"),
  ),
  item(
    "conv2d kernel 7 to 3 channels",
    [[1, 14, 14, 16], [7, 7, 16, 3]],
    (x, filter) => tf.conv2d(x, filter, 1, "valid"),
  ),
  item(
    "conv2d to 1 channel",
    [[2, 7, 7, 16], [4, 4, 16, 1]],
    (x, filter) => tf.conv2d(x, filter, 1, "valid"),
  ),
  ...[[3, 16, 13], [15, 9, 4], [16, 8, 4]].map(([channels, side, outputs]) =>
    item(
      `conv2d kernel 1, stride 3 x 2, of ${channels} channels`,
      [[3, side, side + 1, channels], [1, 1, channels, outputs]],
      (x, filter) => tf.conv2d(x, filter, [3, 2], "same"),
    )
  ),
  item(
    "conv2d padded explicitly",
    [[2, 8, 8, 4], [3, 3, 4, 8]],
    (x, filter) => tf.conv2d(x, filter, 1, explicit as unknown as "same"),
  ),
  item(
    "conv2d padded explicitly, stride 2",
    [[2, 8, 8, 4], [3, 3, 4, 8]],
    (x, filter) => tf.conv2d(x, filter, 2, explicit as unknown as "same"),
  ),
  item(
    "conv2d padded explicitly and unevenly",
    [[2, 7, 8, 4], [3, 3, 4, 8]],
    (x, filter) => tf.conv2d(x, filter, 1, uneven as unknown as "same"),
  ),
  item(
    "conv2d dilation 2, same",
    [[2, 9, 10, 4], [3, 3, 4, 6]],
    (x, filter) => tf.conv2d(x, filter, 1, "same", "NHWC", 2),
  ),
  item(
    "conv2d dilation 3, valid",
    [[1, 9, 10, 4], [3, 3, 4, 6]],
    (x, filter) => tf.conv2d(x, filter, 1, "valid", "NHWC", 3),
  ),
  item(
    "conv2d dilation 12 on a small map, same",
    [[2, 7, 6, 4], [3, 3, 4, 6]],
    (x, filter) => tf.conv2d(x, filter, 1, "same", "NHWC", 12),
  ),
  item(
    "conv2d dilation 2, wide, same",
    [[2, 9, 8, 32], [3, 3, 32, 48]],
    (x, filter) => tf.conv2d(x, filter, 1, "same", "NHWC", 2),
  ),
  item(
    "conv2d dilation 1 x 2, same",
    [[1, 9, 10, 4], [3, 3, 4, 6]],
    (x, filter) => tf.conv2d(x, filter, 1, "same", "NHWC", [1, 2]),
  ),
  item(
    "conv2d dilation 2, padded explicitly",
    [[1, 9, 10, 4], [3, 3, 4, 6]],
    (x, filter) => tf.conv2d(x, filter, 1, uneven as unknown as "same", "NHWC", 2),
  ),
  item(
    "conv2d dilation 2 x 1, padded explicitly",
    [[1, 9, 10, 4], [3, 3, 4, 6]],
    (x, filter) => tf.conv2d(x, filter, 1, uneven as unknown as "same", "NHWC", [2, 1]),
  ),
  item(
    "conv2dTranspose kernel 3, stride 2, valid",
    [[2, 5, 6, 4], [3, 3, 8, 4]],
    (x, filter) => tf.conv2dTranspose(x, filter, [2, 11, 13, 8], 2, "valid"),
  ),
  item(
    "conv2dTranspose kernel 3, stride 2, same",
    [[2, 6, 6, 4], [3, 3, 8, 4]],
    (x, filter) => tf.conv2dTranspose(x, filter, [2, 12, 12, 8], 2, "same"),
  ),
  item(
    "conv2dTranspose kernel 4, stride 2, same",
    [[2, 6, 6, 32], [4, 4, 16, 32]],
    (x, filter) => tf.conv2dTranspose(x, filter, [2, 12, 12, 16], 2, "same"),
  ),
  item(
    "conv2dTranspose kernel 3, stride 1, valid",
    [[1, 5, 5, 3], [3, 3, 2, 3]],
    (x, filter) => tf.conv2dTranspose(x, filter, [1, 7, 7, 2], 1, "valid"),
  ),
  item(
    "depthwiseConv2d",
    [[2, 8, 8, 4], [3, 3, 4, 2]],
    (x, filter) => tf.depthwiseConv2d(x, filter, 1, "same"),
  ),
  item(
    "depthwiseConv2d stride 2, same",
    [[2, 9, 9, 4], [3, 3, 4, 2]],
    (x, filter) => tf.depthwiseConv2d(x, filter, 2, "same"),
  ),
  item(
    "depthwiseConv2d stride 2, valid",
    [[2, 10, 10, 4], [3, 3, 4, 1]],
    (x, filter) => tf.depthwiseConv2d(x, filter, 2, "valid"),
  ),
];
