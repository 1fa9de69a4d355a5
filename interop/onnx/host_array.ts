/**
 * Arrays of numbers that are known before any image is: shapes, axes, scales, masks. They stay on the host, so that
 * the arithmetic of shapes folds while a step is recorded, which cannot read tensors.
 *
 * @module
 */

/** What an array's numbers are: integers and truths lie on the device as int32 and bool. */
export type NumberKind = "float" | "int" | "bool";

/** An array on the host, in ONNX's order of axes. */
export interface HostArray {
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array;
  readonly kind: NumberKind;
}

/** More numbers than any mask has: a file of a few bytes could ask for all memory. */
const MOST_NUMBERS = 1 << 26;

/** How many numbers a shape has. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** Makes an array, float32 for floats; `numbers` is called with places from 0 on. Throws RangeError if it is too large. */
export function hostArray(
  dims: readonly number[],
  kind: NumberKind,
  numbers: (place: number) => number,
): HostArray {
  const size = sizeOf(dims);
  if (!(size >= 0 && size <= MOST_NUMBERS && dims.every((length) => length >= 0))) {
    throw new RangeError(`an array of [${dims.join(", ")}] is too large to be known beforehand`);
  }
  const data = kind === "float" ? new Float32Array(size) : new Float64Array(size);
  for (let place = 0; place < size; place++) data[place] = numbers(place);
  return { dims, data, kind };
}

/** Integers, by default in one row. */
export function hostInts(
  numbers: readonly number[],
  dims: readonly number[] = [numbers.length],
): HostArray {
  return hostArray(dims, "int", (place) => numbers[place]);
}

/** How far apart an array's neighbours lie along each axis. */
export function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
}

/** The shape that shapes are stretched to together, as NumPy's broadcasting has it. */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((dims) => dims[axis - rank + dims.length] ?? 1);
    const size = sizes.find((length) => length !== 1) ?? 1;
    if (sizes.some((length) => length !== 1 && length !== size)) {
      throw new RangeError(
        `shapes ${shapes.map((dims) => `[${dims.join(", ")}]`).join(" and ")} do not fit`,
      );
    }
    return size;
  });
}

/** Combines arrays number by number; smaller ones are stretched. */
export function combine(
  kind: NumberKind,
  arrays: readonly HostArray[],
  compute: (...numbers: number[]) => number,
): HostArray {
  const dims = broadcastDims(...arrays.map((array) => array.dims));
  const stretched = arrays.map((array) => stretch(array, dims).data);
  return hostArray(dims, kind, (place) => compute(...stretched.map((data) => data[place])));
}

/** Repeats an array along axes of length 1, and new ones in front. */
export function stretch(array: HostArray, dims: readonly number[]): HostArray {
  const offset = dims.length - array.dims.length;
  const strides = stridesOf(array.dims);
  return walk(
    array,
    dims,
    dims.map((_, axis) =>
      axis < offset || array.dims[axis - offset] === 1 ? 0 : strides[axis - offset]
    ),
  );
}

/**
 * Reads an array along other axes: the number at place (i, j, ...) is the one at `start` + i steps[0] + j steps[1] + ...
 */
export function walk(
  { data, kind }: HostArray,
  dims: readonly number[],
  steps: readonly number[],
  start = 0,
): HostArray {
  const strides = stridesOf(dims);
  return hostArray(dims, kind, (place) => {
    let at = start;
    for (let axis = 0; axis < dims.length; axis++) {
      at += Math.floor(place / strides[axis]) % dims[axis] * steps[axis];
    }
    return data[at];
  });
}
