/**
 * Parts of values, and values put together.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { type HostArray, hostArray, sizeOf, stridesOf, walk } from "../host_array.ts";
import { TO_LAST, Value } from "../value.ts";
import { axisOf, type Call, type OperatorTable } from "./operator.ts";

/** Every `step`-th of the places from `begin` on; of a step below 0 backwards. */
interface Cut {
  readonly axis: number;
  readonly begin: number;
  readonly step: number;
  readonly count: number;
}

function cutsOf(call: Call): Cut[] {
  const { dims } = call.input(0);
  const list = (index: number, name: string) =>
    call.optional(index)?.numbers ?? call.attributes.optionalInts(name);
  const starts = list(1, "starts") ?? [];
  const ends = list(2, "ends") ?? [];
  const axes = list(3, "axes") ?? starts.map((_, index) => index);
  const steps = list(4, "steps") ?? starts.map(() => 1);
  return axes.map((named, index) => {
    const axis = axisOf(named, dims.length);
    const [size, step] = [dims[axis], steps[index]];
    const place = (at: number) => at < 0 ? at + size : at;
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const begin = Math.min(Math.max(place(starts[index]), step > 0 ? 0 : low), high);
    const end = Math.min(Math.max(place(ends[index]), low), high);
    return { axis, begin, step, count: Math.max(0, Math.ceil((end - begin) / step)) };
  });
}

function slice(call: Call): Value {
  const value = call.input(0);
  const cuts = cutsOf(call).filter(({ axis, step, count }) =>
    step !== 1 || count !== value.dims[axis]
  );
  if (value.known) {
    const strides = stridesOf(value.dims);
    const [dims, steps] = [[...value.dims], [...strides]];
    let start = 0;
    for (const { axis, begin, step, count } of cuts) {
      dims[axis] = count;
      steps[axis] = strides[axis] * step;
      start += strides[axis] * begin;
    }
    return Value.host(walk(value.known, dims, steps, start));
  }
  if (cuts.length === 0) return value;
  return value.mapAxes((x, place) =>
    cuts.reduce((part, cut) => cutTensor(part, { ...cut, axis: place(cut.axis) }), x)
  );
}

/** Takes a part along one axis. In steps by reshaping: the stock strided slice has no gradient. */
function cutTensor(x: tf.Tensor, { axis, begin, step, count }: Cut): tf.Tensor {
  if (step < 0) {
    const last = x.shape[axis] - 1;
    return cutTensor(tf.reverse(x, axis), { axis, begin: last - begin, step: -step, count });
  }
  const along = (size: number, start = 0): [number[], number[]] => [
    x.shape.map((_, index) => index === axis ? start : 0),
    x.shape.map((length, index) => index === axis ? size : length),
  ];
  if (step === 1) return tf.slice(x, ...along(count, begin));
  const missing = Math.max(0, begin + count * step - x.shape[axis]);
  const pads = x.shape.map((_, index): [number, number] => [0, index === axis ? missing : 0]);
  const part = tf.slice(missing > 0 ? tf.pad(x, pads) : x, ...along(count * step, begin));
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const groups = tf.reshape(part, [sizeOf(before), count, step, sizeOf(after)]);
  return tf.reshape(tf.slice(groups, [0, 0, 0, 0], [-1, -1, 1, -1]), [...before, count, ...after]);
}

function gather(call: Call): Value {
  const [value, indices] = [call.input(0), call.input(1)];
  const axis = axisOf(call.attributes.int("axis", 0), value.rank);
  const places = indices.numbers.map((index) => axisOf(index, value.dims[axis]));
  const dims = [...value.dims.slice(0, axis), ...indices.dims, ...value.dims.slice(axis + 1)];
  if (value.known) {
    const { data, kind } = value.known;
    const [size, inner] = [value.dims[axis], sizeOf(value.dims.slice(axis + 1))];
    return Value.host(hostArray(dims, kind, (place) => {
      const [outer, within] = [
        Math.floor(place / (inner * places.length)),
        place % (inner * places.length),
      ];
      return data[(outer * size + places[Math.floor(within / inner)]) * inner + within % inner];
    }));
  }
  if (places.length === 1) { // A slice: its gradient is a padding, not a scattering.
    const cut = { begin: places[0], step: 1, count: 1 };
    return value.mapAxes((x, place) => cutTensor(x, { ...cut, axis: place(axis) })).reshaped(dims);
  }
  const gathered = tf.gather(value.plain, tf.tensor1d(places, "int32"), axis);
  return Value.plain(tf.reshape(gathered, dims));
}

function concat(call: Call): Value {
  const { all } = call;
  const axis = axisOf(call.attributes.int("axis", 0), all[0].rank);
  const known = all.flatMap((value) => value.known ?? []);
  if (known.length === all.length) return Value.host(concatHost(known, axis));
  if (all.length === 1) return all[0];
  if (all.some((value) => value.isLast)) {
    return Value.last(tf.concat(all.map((value) => value.last), TO_LAST[axis]));
  }
  return Value.plain(tf.concat(all.map((value) => value.plain), axis));
}

function concatHost(arrays: readonly HostArray[], axis: number): HostArray {
  const [{ dims, kind }] = arrays;
  const widths = arrays.map((array) => sizeOf(array.dims.slice(axis)));
  const width = widths.reduce((sum, size) => sum + size, 0);
  const row = arrays.flatMap((_, index) =>
    Array.from({ length: widths[index] }, (_, at) => [index, at])
  );
  const size = arrays.reduce((sum, array) => sum + array.dims[axis], 0);
  return hostArray([...dims.slice(0, axis), size, ...dims.slice(axis + 1)], kind, (place) => {
    const [index, at] = row[place % width];
    return arrays[index].data[Math.floor(place / width) * widths[index] + at];
  });
}

function split(call: Call): Value[] {
  const value = call.input(0);
  const axis = axisOf(call.attributes.int("axis", 0), value.rank);
  const each = Math.ceil(value.dims[axis] / call.outputCount);
  const sizes = call.optional(1)?.numbers ?? call.attributes.optionalInts("split") ??
    Array.from(
      { length: call.outputCount },
      (_, index) => Math.min(each, value.dims[axis] - index * each),
    );
  if (value.known) {
    const strides = stridesOf(value.dims);
    let begin = 0;
    return sizes.map((size) => {
      const dims = value.dims.map((length, index) => index === axis ? size : length);
      begin += size;
      return Value.host(walk(value.known!, dims, strides, (begin - size) * strides[axis]));
    });
  }
  return value.isLast
    ? tf.split(value.last, [...sizes], TO_LAST[axis]).map(Value.last)
    : tf.split(value.plain, [...sizes], axis).map(Value.plain);
}

/** Puts numbers at places; of numbers known before any image is, as masks are made. */
function scatterND(call: Call): Value {
  const [target, indices, updates] = [0, 1, 2].map((index) => call.input(index));
  const depth = indices.dims[indices.rank - 1];
  const width = sizeOf(target.dims.slice(depth));
  const strides = stridesOf(target.dims);
  const rows = indices.numbers.length / depth;
  const starts = Array.from(
    { length: rows },
    (_, row) =>
      Array.from(
        { length: depth },
        (_, axis) => axisOf(indices.numbers[row * depth + axis], target.dims[axis]) * strides[axis],
      ).reduce(
        (sum, step) => sum + step,
        0,
      ),
  );
  const data = target.host.data.slice();
  starts.forEach((start, row) => {
    for (let at = 0; at < width; at++) data[start + at] = updates.host.data[row * width + at];
  });
  return Value.host({ ...target.host, data });
}

function pad(call: Call): Value {
  const value = call.input(0);
  const given = call.optional(1)?.numbers ?? call.attributes.ints("pads", []);
  const axes = call.optional(3)?.numbers.map((axis) => axisOf(axis, value.rank)) ??
    value.dims.map((_, axis) => axis);
  const pairs = value.dims.map((): [number, number] => [0, 0]);
  axes.forEach((axis, index) => pairs[axis] = [given[index], given[index + axes.length]]);
  if (pairs.flat().every((size) => size === 0)) return value;
  if (pairs.flat().some((size) => size < 0)) throw new RangeError("pads below 0 are not here");
  const mode = call.attributes.text("mode", "constant");
  const filling = call.optional(2)?.number ?? call.attributes.float("value", 0);
  return value.mapAxes((x, place) => {
    const placed = x.shape.map((): [number, number] => [0, 0]);
    pairs.forEach((pair, axis) => placed[place(axis)] = pair);
    return mode === "constant" ? tf.pad(x, placed, filling) : tf.mirrorPad(x, placed, "reflect");
  });
}

/** Operators of parts. */
export const indexingOperators: OperatorTable = {
  Slice: { run: slice, host: [1, 2, 3, 4] },
  Gather: { run: gather, host: [1] },
  Concat: { run: concat },
  Split: { run: split, host: [1] },
  ScatterND: {
    run: scatterND,
    host: [0, 1, 2],
    lacks: (attributes) =>
      attributes.text("reduction", "none") === "none" ? undefined : "reductions",
  },
  Pad: {
    run: pad,
    host: [1, 2, 3],
    lacks: (attributes) => {
      const mode = attributes.text("mode", "constant");
      return ["constant", "reflect"].includes(mode) ? undefined : `mode "${mode}"`;
    },
  },
};
