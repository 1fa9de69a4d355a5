/**
 * Resizing of rows and columns.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import type { Attributes } from "../attributes.ts";
import { sizeOf } from "../host_array.ts";
import { Value } from "../value.ts";
import { axisOf, type Call, type OperatorTable } from "./operator.ts";

function sizeAfter(call: Call): [number, number] {
  const value = call.input(0);
  const axes = call.attributes.ints("axes", value.dims.map((_, axis) => axis))
    .map((axis) => axisOf(axis, value.rank));
  const sizes = call.optional(3)?.numbers;
  const scales = call.optional(2)?.numbers;
  const dims = [...value.dims];
  axes.forEach((axis, index) => {
    const size = sizes?.length ? sizes[index] : dims[axis] * scales![index];
    // Scales are float32: 2.9999998 stands for 3. Between whole sizes ONNX's pixels lie elsewhere than TensorFlow's.
    if (Math.abs(size - Math.round(size)) > 1e-4) {
      throw new RangeError(`a scale must give a whole size: ${dims[axis]} becomes ${size}`);
    }
    dims[axis] = Math.round(size);
  });
  if (dims[0] !== value.dims[0] || dims[1] !== value.dims[1]) {
    throw new RangeError("only rows and columns can be resized");
  }
  return [dims[2], dims[3]];
}

function resize(call: Call): Value {
  const value = call.input(0);
  if (value.rank !== 4) throw new RangeError(`${value.rank - 2} axes cannot be resized`);
  const [height, width] = sizeAfter(call);
  if (value.dims[2] === height && value.dims[3] === width) return value;
  const { attributes } = call;
  const where = attributes.text("coordinate_transformation_mode", "half_pixel");
  const alignCorners = where === "align_corners";
  if (attributes.text("mode", "nearest") === "linear") {
    const isHalf = where.includes("half_pixel");
    return Value.last(tf.image.resizeBilinear(value.last, [height, width], alignCorners, isHalf));
  }
  return Value.last(nearest(value.last, [height, width], where === "half_pixel" ? 0.5 : 0));
}

/** Takes the pixel at or before each place, whose middle is `centre` pixels behind it: one gather a side. */
function nearest(
  images: tf.Tensor4D,
  size: readonly [number, number],
  centre: number,
): tf.Tensor {
  return size.reduce<tf.Tensor>((image, length, axis) => {
    const from = images.shape[axis + 1];
    if (length % from === 0) return repeated(image, axis + 1, length / from);
    const places = Array.from(
      { length },
      (_, place) => Math.floor((place + centre) * from / length),
    );
    return tf.gather(image, tf.tensor1d(places, "int32"), axis + 1);
  }, images);
}

/** Each row or column several times: a tiling, whose gradient is a sum. */
function repeated(image: tf.Tensor, axis: number, count: number): tf.Tensor {
  if (count === 1) return image;
  const { shape } = image;
  // Four axes: of more, a tiling has no gradient.
  const apart = tf.reshape(image, [
    sizeOf(shape.slice(0, axis)),
    shape[axis],
    1,
    sizeOf(shape.slice(axis + 1)),
  ]);
  const tiled = tf.tile(apart, [1, 1, count, 1]);
  return tf.reshape(tiled, shape.map((size, index) => index === axis ? size * count : size));
}

function lacksResize(attributes: Attributes): string | undefined {
  const mode = attributes.text("mode", "nearest");
  const where = attributes.text("coordinate_transformation_mode", "half_pixel");
  const rounding = attributes.text("nearest_mode", "round_prefer_floor");
  const modes = {
    linear: ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"],
    nearest: ["asymmetric", "half_pixel"],
  };
  if (!(mode in modes)) return `mode "${mode}"`;
  if (!modes[mode as keyof typeof modes].includes(where)) return `${mode} with "${where}"`;
  // Both take the pixel in which the middle of the new one lies, as far as there is a difference.
  const known = where === "half_pixel" ? "round_prefer_ceil" : "floor";
  if (mode === "nearest" && rounding !== known) return `nearest_mode "${rounding}"`;
  if (attributes.int("antialias", 0) === 1) return "antialias";
  return attributes.text("keep_aspect_ratio_policy", "stretch") === "stretch"
    ? undefined
    : "keep_aspect_ratio_policy";
}

/** Resizing operators. */
export const resizeOperators: OperatorTable = {
  Resize: { run: resize, host: [1, 2, 3], lacks: lacksResize },
};
