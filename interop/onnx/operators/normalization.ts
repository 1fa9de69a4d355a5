/**
 * Normalisations and softmax.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { Value } from "../value.ts";
import { axisOf, type Call, type OperatorTable } from "./operator.ts";

/**
 * To mean 0 and variance 1 over axes. With n for the result and g for its gradient, x has the gradient
 * (g - mean(g) - n mean(g n)) / deviation: what the library makes of the steps takes half as many passes again. Nothing but
 * x is saved: what both ways share is merged where a step is recorded, and a second gradient is whole.
 */
function standardized(input: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const parts = (x: tf.Tensor) => {
    const centred = tf.sub(x, tf.mean(x, axes, true));
    const factor = tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon));
    return { normal: tf.mul(centred, factor), factor };
  };
  return tf.customGrad((given, save) => {
    const x = given as tf.Tensor;
    (save as tf.GradSaveFunc)([x]);
    return {
      value: parts(x).normal,
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const { normal, factor } = parts(saved);
        const along = tf.mul(normal, tf.mean(tf.mul(dy, normal), axes, true));
        return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, axes, true)), along), factor);
      },
    };
  })(input);
}

function batchNormalization(call: Call): Value {
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => call.input(index).plain);
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, call.attributes.float("epsilon", 1e-5))));
  const offset = tf.sub(shift, tf.mul(mean, factor));
  const value = call.input(0);
  if (value.rank === 4) return Value.last(tf.add(tf.mul(value.last, factor), offset));
  return scaledByChannel(value.plain, factor, offset);
}

/** A value in ONNX's order of axes, with a factor and an offset a channel. */
function scaledByChannel(x: tf.Tensor, factor: tf.Tensor, offset: tf.Tensor): Value {
  const alongChannels = [-1, ...Array(x.rank - 2).fill(1)];
  const [a, b] = [factor, offset].map((x) => tf.reshape(x, alongChannels));
  return Value.plain(tf.add(tf.mul(x, a), b));
}

function layerNormalization(call: Call): Value {
  const value = call.input(0);
  const axis = axisOf(call.attributes.int("axis", -1), value.rank);
  const axes = value.dims.map((_, index) => index).slice(axis);
  const normal = standardized(value.plain, axes, call.attributes.float("epsilon", 1e-5));
  const shift = call.optional(2);
  const scaled = tf.mul(normal, call.input(1).plain);
  return Value.plain(shift ? tf.add(scaled, shift.plain) : scaled);
}

function instanceNormalization(call: Call): Value {
  const value = call.input(0);
  const epsilon = call.attributes.float("epsilon", 1e-5);
  const [scale, shift] = [1, 2].map((index) => call.input(index).plain);
  if (value.rank === 4) {
    const normal = standardized(value.last, [1, 2], epsilon);
    return Value.last(tf.add(tf.mul(normal, scale), shift));
  }
  const axes = value.dims.map((_, axis) => axis).slice(2);
  return scaledByChannel(standardized(value.plain, axes, epsilon), scale, shift);
}

function groupNormalization(call: Call): Value {
  const value = call.input(0);
  const [batch, channels] = value.dims;
  const groups = call.attributes.int("num_groups", 1);
  const epsilon = call.attributes.float("epsilon", 1e-5);
  // Before opset 21 there is a weight a group, from then on one a channel.
  const [scale, shift] = [1, 2].map((index) => {
    const weight = call.input(index).plain;
    return weight.size === channels ? weight : tf.reshape(
      tf.tile(tf.reshape(weight, [groups, 1]), [1, channels / groups]),
      [channels],
    );
  });
  if (value.rank !== 4) {
    const grouped = tf.reshape(value.plain, [batch, groups, -1]);
    const normal = tf.reshape(standardized(grouped, [2], epsilon), [...value.dims]);
    return scaledByChannel(normal, scale, shift);
  }
  const images = value.last;
  const [, height, width] = images.shape;
  const grouped = tf.reshape(images, [batch, height * width, groups, channels / groups]);
  const normal = tf.reshape(standardized(grouped, [1, 3], epsilon), images.shape);
  return Value.last(tf.add(tf.mul(normal, scale), shift));
}

/** Applies a function of the last axis along the axis that a node names. */
function alongAxis(compute: (x: tf.Tensor) => tf.Tensor): (call: Call) => Value {
  return (call) => {
    const value = call.input(0);
    const isOld = call.opset < 13;
    const axis = axisOf(call.attributes.int("axis", isOld ? 1 : -1), value.rank);
    if (isOld) { // All axes from this one on are one.
      const rows = value.dims.slice(0, axis).reduce((product, size) => product * size, 1);
      return Value.plain(compute(tf.reshape(value.plain, [rows, -1]))).reshaped(value.dims);
    }
    return value.mapAxes((x, place) => {
      if (place(axis) === x.rank - 1) return compute(x);
      const swap = x.shape.map((_, index) => index);
      [swap[place(axis)], swap[x.rank - 1]] = [x.rank - 1, place(axis)];
      return tf.transpose(compute(tf.transpose(x, swap)), swap);
    });
  };
}

/** Normalisation operators. */
export const normalizationOperators: OperatorTable = {
  BatchNormalization: {
    run: batchNormalization,
    lacks: (attributes) =>
      attributes.int("training_mode", 0) === 1
        ? "training_mode: export the model in evaluation"
        : undefined,
  },
  LayerNormalization: { run: layerNormalization },
  InstanceNormalization: { run: instanceNormalization },
  GroupNormalization: { run: groupNormalization },
  Softmax: { run: alongAxis((x) => tf.softmax(x)) },
  LogSoftmax: { run: alongAxis((x) => tf.logSoftmax(x)) },
};
