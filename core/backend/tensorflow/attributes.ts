/**
 * Sets attributes of operations, be they run at once or written down.
 *
 * @module
 */
import type { TensorflowLibrary, TensorflowSymbols } from "./library.ts";

/** An attribute of an operation, as tfjs-node's kernels write it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The kinds of attribute, by the numbers that tfjs-node's kernels use. */
export const AttributeType = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  resource: 99,
} as const;

/** The C functions for one of the two kinds of operation; their parameters are the same. */
export type AttributeSetters =
  & {
    readonly [
      Kind in "String" | "Int" | "Float" | "Bool" | "Type" | "IntList" | "FloatList" | "BoolList"
    ]: TensorflowSymbols[`TFE_OpSetAttr${Kind}`];
  }
  & {
    readonly Shape: (
      op: Deno.PointerValue,
      name: Uint8Array<ArrayBuffer>,
      sizes: BigInt64Array<ArrayBuffer>,
      rank: number,
    ) => void;
  };

/** For operations that run at once. */
export function eagerSetters({ symbols, status }: TensorflowLibrary): AttributeSetters {
  return {
    String: symbols.TFE_OpSetAttrString,
    Int: symbols.TFE_OpSetAttrInt,
    Float: symbols.TFE_OpSetAttrFloat,
    Bool: symbols.TFE_OpSetAttrBool,
    Type: symbols.TFE_OpSetAttrType,
    IntList: symbols.TFE_OpSetAttrIntList,
    FloatList: symbols.TFE_OpSetAttrFloatList,
    BoolList: symbols.TFE_OpSetAttrBoolList,
    Shape: (op, name, sizes, rank) => symbols.TFE_OpSetAttrShape(op, name, sizes, rank, status),
  };
}

/** For operations of a graph. */
export function graphSetters({ symbols }: TensorflowLibrary): AttributeSetters {
  return {
    String: symbols.TF_SetAttrString,
    Int: symbols.TF_SetAttrInt,
    Float: symbols.TF_SetAttrFloat,
    Bool: symbols.TF_SetAttrBool,
    Type: symbols.TF_SetAttrType,
    IntList: symbols.TF_SetAttrIntList,
    FloatList: symbols.TF_SetAttrFloatList,
    BoolList: symbols.TF_SetAttrBoolList,
    Shape: symbols.TF_SetAttrShape,
  };
}

/**
 * Sets one attribute.
 *
 * @throws {TypeError} If its type is none that the kernels of this backend use
 */
export function setAttribute(
  set: AttributeSetters,
  operation: Deno.PointerValue,
  { name, type, value }: OpAttribute,
  library: TensorflowLibrary,
): void {
  const attribute = library.string(name);
  const list = Array.isArray(value) ? value : undefined;
  switch (type) {
    case AttributeType.string: {
      const text = new TextEncoder().encode(value as string);
      return set.String(operation, attribute, text, BigInt(text.length));
    }
    case AttributeType.int:
      return list
        ? set.IntList(operation, attribute, new BigInt64Array(list.map(BigInt)), list.length)
        : set.Int(operation, attribute, BigInt(value as number));
    case AttributeType.float:
      return list
        ? set.FloatList(operation, attribute, new Float32Array(list), list.length)
        : set.Float(operation, attribute, value as number);
    case AttributeType.bool:
      return list
        ? set.BoolList(operation, attribute, new Uint8Array(list.map(Number)), list.length)
        : set.Bool(operation, attribute, value ? 1 : 0);
    case AttributeType.type:
      return set.Type(operation, attribute, value as number);
    case AttributeType.shape:
      return set.Shape(
        operation,
        attribute,
        new BigInt64Array((list ?? []).map(BigInt)),
        (list ?? []).length,
      );
    default:
      throw new TypeError(
        `Cannot set the attribute ${name} as its type must be 0 to 5: current value is ${type}`,
      );
  }
}
