/**
 * TensorFlow.js models that tests write themselves.
 *
 * @module
 */
import { createRandom } from "@realign/core";
import { assertClose, assertGradient } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import type { OnnxModel } from "../onnx/model.ts";
import type { OnnxFunction } from "../onnx/prepare.ts";
import { readTfjs } from "./read_tfjs.ts";

/** A model's files: the object of `model.json`, and its only shard, `weights.bin`. */
export interface TfjsFiles {
  // deno-lint-ignore no-explicit-any
  readonly json: Record<string, any>;
  readonly weights: Uint8Array<ArrayBuffer>;
}

/** Gives a layers model other weights than the first ones; none is 0, and variances are above it. */
export function drawWeights(model: tf.LayersModel, seed = 1): void {
  const random = createRandom(seed, "weights");
  model.setWeights(model.weights.map((weight) => {
    const shape = weight.shape as number[];
    const size = shape.reduce((product, side) => product * side, 1);
    const isVariance = weight.name.includes("variance");
    return tf.tensor(random.uniforms(size, isVariance ? 0.5 : -0.6, isVariance ? 2 : 0.6), shape);
  }));
}

/** Saves a layers model by TensorFlow.js's own writer. */
export async function savedLayers(model: tf.LayersModel): Promise<TfjsFiles> {
  const saved = Promise.withResolvers<tf.io.ModelArtifacts>();
  await model.save(tf.io.withSaveHandler((artifacts) => {
    saved.resolve(artifacts);
    return Promise.resolve({
      modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" },
    });
  }));
  const { modelTopology, weightSpecs, weightData } = await saved.promise;
  const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
  const json = { format: "layers-model", generatedBy: "test", modelTopology, weightsManifest };
  return {
    json: JSON.parse(JSON.stringify(json)),
    weights: new Uint8Array(weightData as ArrayBuffer),
  };
}

/** Reads a model's files as the command line does. */
export async function readFiles({ json, weights }: TfjsFiles): Promise<OnnxModel> {
  return await readTfjs(new TextEncoder().encode(JSON.stringify(json)), {
    origin: "model.json",
    readBeside: (path) =>
      path === "weights.bin" ? Promise.resolve(weights) : Promise.reject(new Error("is not there")),
  });
}

/** A sum with uneven weights, so that a misplaced number shows. */
export function weighted(output: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(output, tf.cos(tf.reshape(tf.range(0, output.size), output.shape))));
}

/** The gradient of a weighted sum of a function's results. */
export function gradientOf(run: (x: tf.Tensor) => tf.Tensor): (x: tf.Tensor) => tf.Tensor {
  return tf.grad((x) => weighted(run(x)));
}

/** A result as the file has it: maps with their channels last. */
export function resultOf(network: OnnxFunction, name: string, x: tf.Tensor): tf.Tensor {
  const result = network.run(x as tf.Tensor4D).get(name)!;
  return result.rank === 4 ? tf.transpose(result, [0, 2, 3, 1]) : result;
}

/**
 * Fails unless a function has the same results as TensorFlow.js's own, and the same gradient; where TensorFlow.js has none
 * (of a strided slice, a norm without a scale), that of finite differences.
 */
export function assertSameFunction(
  run: (x: tf.Tensor) => tf.Tensor,
  own: (x: tf.Tensor) => tf.Tensor,
  images: tf.Tensor4D,
): void {
  tf.tidy(() => {
    assert.deepEqual(run(images).shape, own(images).shape);
    assertClose(run(images), own(images), 1e-5);
    let expected: tf.Tensor;
    try {
      expected = gradientOf(own)(images);
    } catch (error) {
      assert.match((error as Error).message, /gradient function not found|'dataId'/);
      assertGradient((x) => weighted(run(x)), [images]);
      return;
    }
    assertClose(gradientOf(run)(images), expected, 1e-4);
  });
}

/** An attribute of a written node: a text is a type, a list integers or texts. */
type AttributeJson = number | boolean | string | readonly number[] | readonly string[];

/** A node: its operation and name, what it takes, its attributes. */
export type WrittenOperation = readonly [
  op: string,
  name: string,
  inputs: string,
  attributes?: Readonly<Record<string, AttributeJson>>,
];

/** A constant: its shape and numbers, integers if they are said to be. */
export interface WrittenConstant {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  readonly isInteger?: true;
}

/** Integers in one row. */
export function ints(...values: number[]): WrittenConstant {
  return { shape: [values.length], values, isInteger: true };
}

/** One integer. */
export function int(value: number): WrittenConstant {
  return { shape: [], values: [value], isInteger: true };
}

function attributeJson(name: string, value: AttributeJson): unknown {
  if (typeof value === "number") {
    return /epsilon|alpha/.test(name) ? { f: value } : { i: String(value) };
  }
  if (typeof value === "boolean") return { b: value };
  if (typeof value === "string") {
    return value.startsWith("DT_") ? { type: value } : { s: btoa(value) };
  }
  const isText = typeof value[0] === "string";
  return {
    list: isText ? { s: value.map((text) => btoa(String(text))) } : { i: value.map(String) },
  };
}

/** Writes a graph model of one input "x". */
export function graphFiles(
  operations: readonly WrittenOperation[],
  constants: Readonly<Record<string, WrittenConstant>>,
  outputs: Readonly<Record<string, readonly number[]>>,
  size: readonly number[] = [-1, 8, 8, 3],
): TfjsFiles {
  const shape = (sizes: readonly number[]) => ({
    dim: sizes.map((size) => ({ size: String(size) })),
  });
  const types = ({ isInteger }: WrittenConstant) =>
    isInteger ? ["DT_INT32", "int32"] : ["DT_FLOAT", "float32"];
  const values = Object.values(constants).map(({ isInteger, values }) =>
    new Uint8Array((isInteger ? Int32Array : Float32Array).from(values).buffer)
  );
  const node = [
    {
      name: "x",
      op: "Placeholder",
      attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: shape(size) } },
    },
    ...Object.entries(constants).map(([name, constant]) => ({
      name,
      op: "Const",
      attr: {
        dtype: { type: types(constant)[0] },
        value: { tensor: { dtype: types(constant)[0], tensorShape: shape(constant.shape) } },
      },
    })),
    ...operations.map(([op, name, inputs, attributes = {}]) => ({
      name,
      op,
      input: inputs.split(" "),
      attr: {
        T: { type: "DT_FLOAT" },
        ...Object.fromEntries(
          Object.entries(attributes).map(([key, value]) => [key, attributeJson(key, value)]),
        ),
      },
    })),
  ];
  const place = (name: string, sizes: readonly number[]) => [name, {
    name: `${name}:0`,
    dtype: "DT_FLOAT",
    tensorShape: shape(sizes),
  }];
  return {
    json: {
      format: "graph-model",
      generatedBy: "test",
      modelTopology: { node, library: {}, versions: {} },
      signature: {
        inputs: Object.fromEntries([place("x", size)]),
        outputs: Object.fromEntries(
          Object.entries(outputs).map(([name, sizes]) => place(name, sizes)),
        ),
      },
      weightsManifest: [{
        paths: ["weights.bin"],
        weights: Object.entries(constants).map(([name, constant]) => (
          { name, shape: constant.shape, dtype: types(constant)[1] }
        )),
      }],
    },
    weights: new Uint8Array(values.flatMap((bytes) => [...bytes])),
  };
}

/** Opens a graph model by TensorFlow.js's own executor. */
export async function openGraph({ json, weights }: TfjsFiles): Promise<tf.GraphModel> {
  const { modelTopology, signature, weightsManifest: [{ weights: weightSpecs }] } = json;
  const weightData = weights.slice().buffer;
  return await tf.loadGraphModel({
    load: () =>
      Promise.resolve({ format: "graph-model", modelTopology, signature, weightSpecs, weightData }),
  });
}
