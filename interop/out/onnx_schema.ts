/**
 * The fields of ONNX's protocol buffers that a written model has.
 *
 * @module
 */
import { many, one, type Schema } from "../graph/wire.ts";

/** ONNX's numbers of types. */
export const OnnxType = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/** A type of tensors in ONNX. */
export type OnnxTypeName = keyof typeof OnnxType;

/** An attribute of an operation; `type` says which field counts. */
export interface OnnxAttribute {
  readonly name: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly ints?: readonly number[];
  readonly type: number;
}

/** An operation. */
export interface OnnxNode {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name: string;
  readonly op: string;
  readonly attributes: readonly OnnxAttribute[];
}

/** A constant. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly type: number;
  readonly name: string;
  readonly raw: Uint8Array;
}

/** The type and shape of a value. */
export interface OnnxValue {
  readonly name: string;
  readonly type: {
    readonly tensor: {
      readonly type: number;
      readonly shape: { readonly dims: readonly { value?: number; parameter?: string }[] };
    };
  };
}

/** A model. */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion?: string;
  readonly documentation?: string;
  readonly graph: {
    readonly nodes: readonly OnnxNode[];
    readonly name: string;
    readonly initializers: readonly OnnxTensor[];
    readonly inputs: readonly OnnxValue[];
    readonly outputs: readonly OnnxValue[];
  };
  readonly opsets: readonly { readonly domain?: string; readonly version: number }[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
}

/** The messages. */
export const ONNX: Schema = {
  Model: {
    1: one("irVersion", "int"),
    2: one("producer", "text"),
    3: one("producerVersion", "text"),
    6: one("documentation", "text"),
    7: one("graph", "Graph"),
    8: many("opsets", "Opset"),
    14: many("metadata", "Pair"),
  },
  Opset: { 1: one("domain", "text"), 2: one("version", "int") },
  Pair: { 1: one("key", "text"), 2: one("value", "text") },
  Graph: {
    1: many("nodes", "Node"),
    2: one("name", "text"),
    5: many("initializers", "Tensor"),
    11: many("inputs", "Value"),
    12: many("outputs", "Value"),
  },
  Node: {
    1: many("inputs", "text"),
    2: many("outputs", "text"),
    3: one("name", "text"),
    4: one("op", "text"),
    5: many("attributes", "Attribute"),
  },
  Attribute: {
    1: one("name", "text"),
    2: one("f", "float"),
    3: one("i", "int"),
    4: one("s", "bytes"),
    8: many("ints", "int"),
    20: one("type", "int"),
  },
  Tensor: {
    1: many("dims", "int"),
    2: one("type", "int"),
    8: one("name", "text"),
    9: one("raw", "bytes"),
  },
  Value: { 1: one("name", "text"), 2: one("type", "Type") },
  Type: { 1: one("tensor", "TensorType") },
  TensorType: { 1: one("type", "int"), 2: one("shape", "Shape") },
  Shape: { 1: many("dims", "Dimension") },
  Dimension: { 1: one("value", "int"), 2: one("parameter", "text") },
};
