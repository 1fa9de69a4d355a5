/**
 * Where the windows of convolutions and poolings lie along rows and columns.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import type { Attributes } from "../attributes.ts";

/** A number for rows and one for columns. */
export type Pair = [number, number];

/** The windows along one axis. */
export interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Pixels that are put before the first and behind the last. */
  readonly before: number;
  readonly after: number;
  /** How many windows there are. */
  readonly count: number;
}

/** What is not here of windows: other than over rows and columns, or with a dilation and a stride. */
export function lacksWindows(attributes: Attributes): string | undefined {
  const kernel = attributes.optionalInts("kernel_shape");
  if (kernel && kernel.length !== 2) return `windows along ${kernel.length} axes`;
  const [strides, dilations] = ["strides", "dilations"].map((name) => attributes.ints(name, []));
  const isBoth = [strides, dilations].every((steps) => steps.some((step) => step !== 1));
  return isBoth ? "strides and dilations together" : undefined;
}

/**
 * The windows of a node along rows and columns.
 *
 * @param attributes `strides`, `dilations`, `pads` or `auto_pad`, and `ceil_mode`
 * @param size `[H, W]`
 * @param kernel `[kh, kw]`
 */
export function windowsOf(
  attributes: Attributes,
  size: Pair,
  kernel: readonly number[],
): [Windows, Windows] {
  const strides = attributes.ints("strides", [1, 1]);
  const dilations = attributes.ints("dilations", [1, 1]);
  const pads = attributes.ints("pads", [0, 0, 0, 0]);
  const auto = attributes.text("auto_pad", "NOTSET");
  const along = (axis: 0 | 1): Windows => {
    const [stride, dilation] = [strides[axis], dilations[axis]];
    const reach = dilation * (kernel[axis] - 1) + 1;
    let [before, after] = auto === "NOTSET" ? [pads[axis], pads[axis + 2]] : [0, 0];
    if (auto.startsWith("SAME")) {
      const total = Math.max(0, (Math.ceil(size[axis] / stride) - 1) * stride + reach - size[axis]);
      before = auto === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
      after = total - before;
    }
    const room = size[axis] + before + after - reach;
    let count = Math.floor(room / stride) + 1;
    if (attributes.int("ceil_mode", 0) === 1) {
      count = Math.ceil(room / stride) + 1;
      // A window that begins behind the image is none.
      if ((count - 1) * stride >= size[axis] + before) count--;
    }
    if (count < 1) {
      throw new RangeError(`a window of ${reach} pixels does not fit into ${size[axis]}`);
    }
    return { kernel: kernel[axis], stride, dilation, before, after, count };
  };
  return [along(0), along(1)];
}

/** Whether windows are padded as TensorFlow pads them: backends do that by themselves, without a copy. */
export function isPaddedByBackends(attributes: Attributes): boolean {
  return attributes.text("auto_pad", "NOTSET") === "SAME_UPPER";
}

/** Pads or cuts images `[B, H, W, C]` so that the windows, laid one after another, cover them exactly. */
export function fitted(
  images: tf.Tensor4D,
  windows: readonly [Windows, Windows],
  value: number,
): tf.Tensor4D {
  const pairs = windows.map(({ before, stride, count, dilation, kernel }, axis): Pair => {
    const end = (count - 1) * stride + dilation * (kernel - 1) + 1;
    return [before, end - before - images.shape[axis + 1]];
  });
  const padded = pairs.flat().some((size) => size > 0)
    ? tf.pad(images, [
      [0, 0],
      ...pairs.map(([before, after]): Pair => [before, Math.max(0, after)]),
      [0, 0],
    ], value)
    : images;
  if (pairs.every(([, after]) => after >= 0)) return padded as tf.Tensor4D;
  const [batch, height, width, channels] = padded.shape as [number, number, number, number];
  const [rows, columns] = pairs.map(([, after]) => Math.min(0, after));
  return tf.slice(padded as tf.Tensor4D, [0, 0, 0, 0], [
    batch,
    height + rows,
    width + columns,
    channels,
  ]);
}
