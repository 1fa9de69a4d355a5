/** Convolutions and poolings against loops over every pixel, and other operators on maps. */
import { createRandom } from "@realign/core";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { readOnnx } from "../model.ts";
import { prepareOnnx } from "../prepare.ts";
import { floats, onnxFile, runWritten, type WrittenModel, type WrittenNode } from "../testing.ts";

await useTestBackend();
const random = createRandom(2);

interface Windows {
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly pads?: readonly [number, number, number, number];
  readonly ceil?: boolean;
}

/** The places of each window's pixels, outside of the image too, in the order of the windows. */
function windowsOf(
  { size, kernel, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], ceil }: Windows,
) {
  const count = (axis: number) => {
    const steps =
      (size[axis] + pads[axis] + pads[axis + 2] - dilations[axis] * (kernel[axis] - 1) - 1) /
      strides[axis];
    const all = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return ceil && (all - 1) * strides[axis] >= size[axis] + pads[axis] ? all - 1 : all;
  };
  const windows: [number, number][][] = [];
  for (let i = 0; i < count(0); i++) {
    for (let j = 0; j < count(1); j++) {
      const places: [number, number][] = [];
      for (let u = 0; u < kernel[0]; u++) {
        for (let v = 0; v < kernel[1]; v++) {
          places.push([
            i * strides[0] - pads[0] + u * dilations[0],
            j * strides[1] - pads[1] + v * dilations[1],
          ]);
        }
      }
      windows.push(places);
    }
  }
  return windows;
}

const attributesOf = ({ strides, dilations, pads, ceil }: Windows) => ({
  ...(strides && { strides }),
  ...(dilations && { dilations }),
  ...(pads && { pads }),
  ...(ceil && { ceil_mode: { int: 1 } }),
});

/** Images, and a pixel of them by `[C, H, W]`; 0 outside. */
function drawn(size: readonly [number, number], channels: number) {
  const [height, width] = size;
  const images = tf.tensor4d(random.uniforms(height * width * channels, -1, 1), [
    1,
    height,
    width,
    channels,
  ]);
  const data = images.dataSync();
  const isInside = (i: number, j: number) => i >= 0 && j >= 0 && i < height && j < width;
  const pixel = (c: number, i: number, j: number) =>
    isInside(i, j) ? data[(i * width + j) * channels + c] : 0;
  return { images, pixel, isInside };
}

async function assertModelGradient(model: WrittenModel, images: tf.Tensor4D): Promise<void> {
  using prepared = prepareOnnx(await readOnnx(onnxFile(model)));
  const value = (x: tf.Tensor) => {
    const [output] = prepared.run(x as tf.Tensor4D).values();
    const weights = createRandom(9).uniforms(output.size, -1, 1);
    return tf.sum(tf.mul(output, tf.tensor(weights, output.shape))) as tf.Scalar;
  };
  assertGradient(value, [images]);
}

const convolutions: Readonly<
  Record<string, Windows & { channels: number; outputs: number; group?: number }>
> = {
  "3x3": { size: [5, 6], kernel: [3, 3], pads: [1, 1, 1, 1], channels: 3, outputs: 4 },
  "1x3, strides 2 and 1, uneven pads": {
    size: [5, 6],
    kernel: [1, 3],
    strides: [2, 1],
    pads: [0, 2, 1, 0],
    channels: 2,
    outputs: 3,
  },
  "3x3, stride 2": {
    size: [7, 8],
    kernel: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    channels: 2,
    outputs: 2,
  },
  "3x3, dilation 2": {
    size: [7, 6],
    kernel: [3, 3],
    dilations: [2, 2],
    pads: [2, 2, 2, 2],
    channels: 2,
    outputs: 3,
  },
  "of each channel": {
    size: [6, 5],
    kernel: [3, 3],
    pads: [1, 1, 1, 1],
    channels: 3,
    outputs: 3,
    group: 3,
  },
  "of each channel, two outputs": {
    size: [6, 5],
    kernel: [3, 2],
    strides: [2, 2],
    channels: 3,
    outputs: 6,
    group: 3,
  },
  "of each channel, dilation 2": {
    size: [7, 6],
    kernel: [3, 3],
    dilations: [2, 2],
    pads: [2, 2, 2, 2],
    channels: 3,
    outputs: 3,
    group: 3,
  },
  "of each channel, dilation 2 and 3": {
    size: [8, 9],
    kernel: [3, 2],
    dilations: [2, 3],
    pads: [1, 0, 2, 1],
    channels: 2,
    outputs: 4,
    group: 2,
  },
  "in two groups": {
    size: [5, 5],
    kernel: [3, 3],
    pads: [1, 1, 1, 1],
    channels: 4,
    outputs: 6,
    group: 2,
  },
};

for (const [name, windows] of Object.entries(convolutions)) {
  Deno.test(`Conv ${name} is the sum over its windows, and so is its gradient`, async () => {
    const { size, kernel, channels, outputs, group = 1 } = windows;
    const { images, pixel } = drawn(size, channels);
    const each = channels / group;
    const weight = random.uniforms(outputs * each * kernel[0] * kernel[1], -1, 1);
    const bias = random.uniforms(outputs, -1, 1);
    const model: WrittenModel = {
      nodes: [["Conv", "x w b", "y", { ...attributesOf(windows), group: { int: group } }]],
      weights: [floats("w", [outputs, each, ...kernel], weight), floats("b", [outputs], bias)],
    };
    const [output] = await runWritten(model, images);
    const area = kernel[0] * kernel[1];
    const expected = Array.from(bias, (shift, o) =>
      windowsOf(windows).map((places) => {
        let sum = shift;
        for (let c = 0; c < each; c++) {
          const channel = Math.floor(o / (outputs / group)) * each + c;
          places.forEach(([i, j], k) =>
            sum += pixel(channel, i, j) * weight[(o * each + c) * area + k]
          );
        }
        return sum;
      })).flat();
    assertClose(output, expected);
    await assertModelGradient(model, images);
  });
}

const poolings: Readonly<Record<string, Windows>> = {
  "2x2": { size: [4, 6], kernel: [2, 2], strides: [2, 2] },
  "3x3, stride 2, padded": { size: [7, 6], kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  "3x3, stride 2, ceiled": { size: [6, 8], kernel: [3, 3], strides: [2, 2], ceil: true },
  "2x2, stride 3, ceiled and padded": {
    size: [6, 7],
    kernel: [2, 2],
    strides: [3, 3],
    pads: [1, 1, 1, 1],
    ceil: true,
  },
};

for (const [name, windows] of Object.entries(poolings)) {
  Deno.test(`MaxPool and AveragePool ${name} are those of PyTorch's windows`, async () => {
    const { size, kernel, pads = [0, 0, 0, 0] } = windows;
    const { images, pixel, isInside } = drawn(size, 2);
    const attributes = { ...attributesOf(windows), kernel_shape: kernel };
    const padCounted = { ...attributes, count_include_pad: { int: 1 } };
    const nodes: WrittenNode[] = [
      ["MaxPool", "x", "max", attributes],
      ["AveragePool", "x", "mean", attributes],
      ["AveragePool", "x", "padded", padCounted],
    ];
    const [max, mean, padded] = await runWritten({ nodes, outputs: "max mean padded" }, images);
    const each = (pool: (values: number[], places: [number, number][]) => number) =>
      [0, 1].flatMap((channel) =>
        windowsOf(windows).map((places) => {
          const inside = places.filter(([i, j]) => isInside(i, j));
          return pool(inside.map(([i, j]) => pixel(channel, i, j)), places);
        })
      );
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    assertClose(max, each((values) => Math.max(...values)));
    assertClose(mean, each((values) => sum(values) / values.length));
    // What a ceiled window has beyond the pads does not count.
    const isCounted = ([i, j]: [number, number]) => i < size[0] + pads[2] && j < size[1] + pads[3];
    assertClose(padded, each((values, places) => sum(values) / places.filter(isCounted).length));
    for (const [operator, , , attributes] of nodes) {
      await assertModelGradient({ nodes: [[operator, "x", "y", attributes]] }, images);
    }
  });
}

Deno.test("Conv pads by itself where the model says SAME", async () => {
  const { images } = drawn([6, 6], 1);
  const weights = [floats("w", [1, 1, 2, 2], [1, 2, 3, 4])];
  const run = (auto_pad: string, pads?: number[]) =>
    runWritten({ nodes: [["Conv", "x w", "y", pads ? { pads } : { auto_pad }]], weights }, images);
  const pairs = [["SAME_UPPER", [0, 0, 1, 1]], ["SAME_LOWER", [1, 1, 0, 0]], ["VALID", [
    0,
    0,
    0,
    0,
  ]]] as const;
  for (const [mode, pads] of pairs) {
    const [[same], [padded]] = [await run(mode), await run("", [...pads])];
    assert.deepEqual(same.shape, padded.shape);
    assertClose(same, padded);
  }
});

Deno.test("ConvTranspose is the gradient of the convolution with the same kernel", async () => {
  const [stride, pad] = [2, 1];
  const images = tf.tensor4d(random.uniforms(3 * 4 * 2, -1, 1), [1, 3, 4, 2]);
  const weight = random.uniforms(2 * 3 * 3 * 3, -1, 1);
  const weights = [floats("w", [2, 3, 3, 3], weight)];
  const attributes = {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    output_padding: [1, 1],
  };
  const [output] = await runWritten(
    { nodes: [["ConvTranspose", "x w", "y", attributes]], weights },
    images,
  );
  const kernel = tf.transpose(tf.tensor(weight, [2, 3, 3, 3]), [2, 3, 1, 0]) as tf.Tensor4D;
  const forward = (x: tf.Tensor) => {
    const padded = tf.pad(x as tf.Tensor4D, [[0, 0], [pad, pad], [pad, pad], [0, 0]]);
    return tf.sum(tf.mul(tf.conv2d(padded, kernel, stride, "valid"), images));
  };
  const gradient = tf.grad(forward)(tf.zeros([1, 6, 8, 3]));
  assertClose(output, tf.transpose(gradient, [0, 3, 1, 2]));
});
