/**
 * The fields of TensorFlow's GraphDef and SavedModel that graphs of Realign need.
 *
 * @module
 */
import { many, mapOf, one, type Schema } from "./wire.ts";

/** TensorFlow's numbers of types. */
export const DataType = { float: 1, int32: 3, bool: 10 } as const;

/** A shape; -1 is a free dimension. */
export interface ShapeProto {
  readonly dim: readonly { readonly size?: number }[];
}

/** A tensor's value. */
export interface TensorProto {
  readonly dtype?: number;
  readonly shape?: ShapeProto;
  /** All values as they stand in memory; or else one of the lists, whose last value goes on to the end. */
  readonly content?: Uint8Array;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly bools?: readonly number[];
}

/** A value of an attribute: one of the fields. */
export interface Attribute {
  readonly list?: {
    readonly s?: readonly Uint8Array[];
    readonly i?: readonly number[];
    readonly f?: readonly number[];
  };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: number;
  readonly type?: number;
  readonly shape?: ShapeProto;
  readonly tensor?: TensorProto;
}

/** An operation. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** Names of operations, ":1" behind them for another result than the first. */
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** A graph. */
export interface GraphDef {
  readonly node: readonly NodeDef[];
  readonly versions?: { readonly producer?: number; readonly minConsumer?: number };
}

/** The messages. */
export const TENSORFLOW: Schema = {
  GraphDef: { 1: many("node", "NodeDef"), 4: one("versions", "Versions") },
  Versions: { 1: one("producer", "int"), 2: one("minConsumer", "int") },
  NodeDef: {
    1: one("name", "text"),
    2: one("op", "text"),
    3: many("input", "text"),
    5: mapOf("attr", "Attribute"),
  },
  Attribute: {
    1: one("list", "List"),
    2: one("s", "bytes"),
    3: one("i", "int"),
    4: one("f", "float"),
    5: one("b", "int"),
    6: one("type", "int"),
    7: one("shape", "Shape"),
    8: one("tensor", "Tensor"),
  },
  List: { 2: many("s", "bytes"), 3: many("i", "int"), 4: many("f", "float") },
  Shape: { 2: many("dim", "Dimension") },
  Dimension: { 1: one("size", "int") },
  Tensor: {
    1: one("dtype", "int"),
    2: one("shape", "Shape"),
    4: one("content", "bytes"),
    5: many("floats", "float"),
    7: many("ints", "int"),
    11: many("bools", "int"),
  },
  SavedModel: { 1: one("schemaVersion", "int"), 2: many("metaGraphs", "MetaGraph") },
  MetaGraph: {
    1: one("information", "MetaInformation"),
    2: one("graph", "GraphDef"),
    5: mapOf("signatures", "Signature"),
  },
  MetaInformation: { 4: many("tags", "text"), 5: one("tensorflowVersion", "text") },
  Signature: {
    1: mapOf("inputs", "TensorInfo"),
    2: mapOf("outputs", "TensorInfo"),
    3: one("method", "text"),
  },
  TensorInfo: { 1: one("name", "text"), 2: one("dtype", "int"), 3: one("shape", "Shape") },
};
