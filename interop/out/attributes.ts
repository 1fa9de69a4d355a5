/**
 * Attributes of TensorFlow's operations.
 *
 * @module
 */
import type { NodeDef } from "../graph/graph_def.ts";

const decoder = new TextDecoder();

/** A text; "" where it is not set. */
export function textOf({ attr }: NodeDef, name: string): string {
  const bytes = attr[name]?.s;
  return bytes ? decoder.decode(bytes) : "";
}

/** A list of integers; empty where it is not set. */
export function integersOf({ attr }: NodeDef, name: string): readonly number[] {
  return attr[name]?.list?.i ?? [];
}

/** Whether a flag is set. */
export function flagOf({ attr }: NodeDef, name: string): boolean {
  return Boolean(attr[name]?.b);
}
