import assert from "node:assert/strict";
import {
  batchNorm,
  conv,
  dense,
  instanceNorm,
  layerNorm,
  padImages,
  repeatPixels,
  upConv,
} from "./mod.ts";
import { type HostTensor, Parameters } from "../weights/parameters.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

const random = createRandom(11);

/** Random numbers with their shape, and how to read and add to them by index. */
class Grid implements HostTensor {
  readonly data: Float32Array;
  constructor(readonly shape: readonly number[], data?: Float32Array) {
    const count = shape.reduce((product, size) => product * size, 1);
    this.data = data ?? random.normals(count, 1);
  }
  position(...indices: number[]): number | undefined {
    if (indices.some((index, axis) => index < 0 || index >= this.shape[axis])) return undefined;
    return indices.reduce((position, index, axis) => position * this.shape[axis] + index, 0);
  }
  at(...indices: number[]): number {
    const position = this.position(...indices);
    return position === undefined ? 0 : this.data[position];
  }
  add(value: number, ...indices: number[]): void {
    const position = this.position(...indices);
    if (position !== undefined) this.data[position] += value;
  }
  get tensor(): tf.Tensor4D {
    return tf.tensor(this.data, this.shape as [number, number, number, number]);
  }
  static zeros(shape: readonly number[]): Grid {
    return new Grid(shape, new Float32Array(shape.reduce((product, size) => product * size, 1)));
  }
}

/** All indices of a shape. */
function* indicesOf(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) return yield [];
  for (let index = 0; index < shape[0]; index++) {
    for (const rest of indicesOf(shape.slice(1))) yield [index, ...rest];
  }
}

function given(weights: Readonly<Record<string, HostTensor>>, parameters: Parameters): void {
  parameters.import(new Map(Object.entries(weights)), "the test");
}

/** PyTorch's Conv2d by its definition; weight `[out, in, kh, kw]`, images `[B, H, W, C]`. */
function convByHand(
  input: Grid,
  weight: Grid,
  bias: Grid,
  { stride, dilation, padding, reflect }: {
    readonly stride: number;
    readonly dilation: number;
    readonly padding: number;
    readonly reflect: boolean;
  },
) {
  const [batch, height, width] = input.shape;
  const [outputs, , kernel] = weight.shape;
  const side = (length: number) =>
    Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const mirror = (index: number, length: number) => {
    if (!reflect) return index;
    return index < 0 ? -index : index >= length ? 2 * (length - 1) - index : index;
  };
  const output = Grid.zeros([batch, side(height), side(width), outputs]);
  for (const [b, y, x, o] of indicesOf(output.shape)) {
    output.add(bias.at(o), b, y, x, o);
    for (const [i, ky, kx] of indicesOf(weight.shape.slice(1))) {
      const row = mirror(y * stride + ky * dilation - padding, height);
      const column = mirror(x * stride + kx * dilation - padding, width);
      output.add(input.at(b, row, column, i) * weight.at(o, i, ky, kx), b, y, x, o);
    }
  }
  return output;
}

for (
  const { kernel, stride, dilation, padding, paddingMode } of [
    { kernel: 3, stride: 1, dilation: 1, padding: 1, paddingMode: "zero" },
    { kernel: 3, stride: 2, dilation: 1, padding: 1, paddingMode: "zero" },
    { kernel: 4, stride: 2, dilation: 1, padding: 2, paddingMode: "zero" },
    { kernel: 4, stride: 1, dilation: 1, padding: 2, paddingMode: "zero" },
    { kernel: 1, stride: 2, dilation: 1, padding: 0, paddingMode: "zero" },
    { kernel: 7, stride: 1, dilation: 1, padding: 3, paddingMode: "reflect" },
    { kernel: 3, stride: 1, dilation: 2, padding: 2, paddingMode: "zero" },
    { kernel: 3, stride: 1, dilation: 2, padding: 1, paddingMode: "zero" },
    { kernel: 3, stride: 1, dilation: 8, padding: 8, paddingMode: "zero" },
  ] as const
) {
  const title =
    `kernel ${kernel}, stride ${stride}, dilation ${dilation}, padding ${padding} ${paddingMode}`;
  Deno.test(`conv is PyTorch's convolution: ${title}`, () => {
    using parameters = new Parameters(random);
    const layer = conv(parameters, "c", 2, 3, { kernel, stride, dilation, padding, paddingMode });
    const [weight, bias] = [new Grid([3, 2, kernel, kernel]), new Grid([3])];
    given({ "c.weight": weight, "c.bias": bias }, parameters);
    const input = new Grid([2, 6, 5, 2]);
    const output = layer(input.tensor);
    const geometry = { stride, dilation, padding, reflect: paddingMode === "reflect" };
    const expected = convByHand(input, weight, bias, geometry);
    assert.deepEqual(output.shape, expected.shape);
    assertClose(output, expected.data, 1e-4);
  });
}

Deno.test("conv of stride 2 has the gradient of its values", () => {
  using parameters = new Parameters(random);
  const layer = conv(parameters, "c", 2, 2, { kernel: 4, stride: 2, padding: 2 });
  assertGradient(
    (input) => tf.sum(tf.square(layer(input as tf.Tensor4D))),
    [new Grid([1, 5, 6, 2]).tensor],
  );
});

Deno.test("conv of dilation 2 has the gradient of its values", () => {
  using parameters = new Parameters(random);
  const layer = conv(parameters, "c", 2, 2, { kernel: 3, dilation: 2 });
  assertGradient(
    (input) => tf.sum(tf.square(layer(input as tf.Tensor4D))),
    [new Grid([1, 5, 6, 2]).tensor],
  );
});

Deno.test("conv pads by as much as keeps the size, whatever the dilation", () => {
  using parameters = new Parameters(random);
  for (const dilation of [1, 2, 4]) {
    const layer = conv(parameters, `c${dilation}`, 1, 1, { kernel: 3, dilation });
    assert.deepEqual(layer(tf.ones([1, 5, 7, 1])).shape, [1, 5, 7, 1]);
  }
});

Deno.test("conv refuses to be strided and dilated at once", () => {
  using parameters = new Parameters(random);
  assert.throws(
    () => conv(parameters, "c", 1, 1, { kernel: 3, stride: 2, dilation: 2 }),
    /^RangeError: Cannot build the convolution "c"/,
  );
});

Deno.test("upConv is PyTorch's transposed convolution of stride 2, padding 1, output padding 1", () => {
  using parameters = new Parameters(random);
  const layer = upConv(parameters, "u", 3, 2);
  const [weight, bias] = [new Grid([3, 2, 3, 3]), new Grid([2])]; // [in, out, kh, kw]
  given({ "u.weight": weight, "u.bias": bias }, parameters);
  const input = new Grid([2, 4, 3, 3]);
  const expected = Grid.zeros([2, 8, 6, 2]);
  for (const [b, y, x, o] of indicesOf(expected.shape)) expected.add(bias.at(o), b, y, x, o);
  for (const [b, y, x, i] of indicesOf(input.shape)) {
    for (const [o, ky, kx] of indicesOf([2, 3, 3])) {
      const value = input.at(b, y, x, i) * weight.at(i, o, ky, kx);
      expected.add(value, b, 2 * y - 1 + ky, 2 * x - 1 + kx, o);
    }
  }
  const output = layer(input.tensor);
  assert.deepEqual(output.shape, expected.shape);
  assertClose(output, expected.data, 1e-4);
});

Deno.test("upConv has the gradient of its values", () => {
  using parameters = new Parameters(random);
  const layer = upConv(parameters, "u", 2, 2);
  assertGradient(
    (input) => tf.sum(tf.square(layer(input as tf.Tensor4D))),
    [new Grid([1, 3, 4, 2]).tensor],
  );
});

Deno.test("conv makes an unused bias but neither adds nor trains it", () => {
  using parameters = new Parameters(random);
  const layer = conv(parameters, "c", 1, 1, { kernel: 1, bias: "unused" });
  const weight = new Grid([1, 1, 1, 1], Float32Array.of(2));
  given({ "c.weight": weight, "c.bias": new Grid([1], Float32Array.of(5)) }, parameters);
  assertClose(layer(tf.ones([1, 1, 1, 1])), [2]);
  assert.deepEqual(parameters.names, ["c.weight", "c.bias"]);
  assert.equal(parameters.size, 1);
});

Deno.test("dense multiplies by PyTorch's weight and adds the bias", () => {
  using parameters = new Parameters(random);
  const layer = dense(parameters, "d", 2, 3);
  const weight = new Grid([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
  given({ "d.weight": weight, "d.bias": new Grid([3], Float32Array.of(0, 1, 2)) }, parameters);
  assertClose(layer(tf.tensor2d([[1, 10]])), [21, 44, 67]);
});

Deno.test("repeatPixels doubles rows and columns, and sums the gradient", () => {
  const input = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  assertClose(repeatPixels(input), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  assertGradient(
    (images) => tf.sum(tf.square(repeatPixels(images as tf.Tensor4D))),
    [new Grid([2, 2, 3, 2]).tensor],
  );
});

Deno.test("padImages with nothing to pad gives the input", () => {
  const input = new Grid([1, 2, 2, 1]).tensor;
  assert.equal(padImages(input, 0), input);
});

Deno.test("instanceNorm gives every channel of every image mean 0 and variance 1", () => {
  const input = tf.add(tf.mul(new Grid([2, 4, 4, 3]).tensor, 3), 5) as tf.Tensor4D;
  const { mean, variance } = tf.moments(instanceNorm(input), [1, 2]);
  assertClose(mean, new Float32Array(6), 1e-4);
  assertClose(variance, new Float32Array(6).fill(1), 1e-3);
});

Deno.test("instanceNorm has the gradient of its values", () => {
  const weights = new Grid([2, 3, 3, 2]).tensor;
  assertGradient(
    (input) => tf.sum(tf.mul(weights, instanceNorm(input as tf.Tensor4D))),
    [new Grid([2, 3, 3, 2]).tensor],
  );
});

Deno.test("layerNorm gives every image mean 0 and variance 1, and keeps what channels say of one another", () => {
  using parameters = new Parameters(random);
  const layer = layerNorm(parameters, "n", 2);
  // Channels of means 1 and 3, constant: over the whole image mean 2, variance 1.
  const input = tf.tensor4d([1, 3, 1, 3, 10, 30, 10, 30], [2, 1, 2, 2]);
  assertClose(layer(input), [-1, 1, -1, 1, -1, 1, -1, 1], 1e-4);
  parameters.variables[0].assign(tf.tensor1d([2, 3]));
  parameters.variables[1].assign(tf.tensor1d([0, 5]));
  assertClose(layer(input), [-2, 8, -2, 8, -2, 8, -2, 8], 1e-4);
  assert.deepEqual(parameters.names, ["n.weight", "n.bias"]);
});

Deno.test("layerNorm has the gradient of its values", () => {
  using parameters = new Parameters(random);
  const layer = layerNorm(parameters, "n", 2);
  const weights = new Grid([2, 3, 3, 2]).tensor;
  assertGradient(
    (input) => tf.sum(tf.mul(weights, layer(input as tf.Tensor4D))),
    [new Grid([2, 3, 3, 2]).tensor],
  );
});

Deno.test("batchNorm in training uses the batch's statistics and moves the kept ones as PyTorch does", async () => {
  using parameters = new Parameters(random);
  const layer = batchNorm(parameters, "n", 1);
  const values = [1, 2, 3, 6];
  const [mean, variance] = [3, 3.5]; // biased; unbiased 14 / 3
  const output = layer(tf.tensor4d(values, [1, 2, 2, 1]), "training");
  assertClose(output, values.map((value) => (value - mean) / Math.sqrt(variance + 1e-5)), 1e-4);
  const kept = await parameters.export();
  assertClose(kept.get("n.running_mean")!.data, [0.1 * mean]);
  assertClose(kept.get("n.running_var")!.data, [0.9 + 0.1 * 14 / 3]);
});

Deno.test("batchNorm in inference uses the kept statistics and moves nothing", async () => {
  using parameters = new Parameters(random);
  const layer = batchNorm(parameters, "n", 1);
  const weights = { weight: 2, bias: 1, running_mean: 3, running_var: 4 };
  given(
    Object.fromEntries(
      Object.entries(weights).map(([name, value]) => [
        `n.${name}`,
        new Grid([1], Float32Array.of(value)),
      ]),
    ),
    parameters,
  );
  assertClose(layer(tf.tensor4d([3, 5], [1, 1, 2, 1]), "inference"), [1, 3], 1e-4);
  assertClose((await parameters.export()).get("n.running_mean")!.data, [3]);
});
