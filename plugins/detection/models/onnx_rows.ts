/**
 * Values of a detector's heads as rows, one for each box.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import type { OnnxValues } from "@realign/interop";
import type { Cells } from "./anchors.ts";

/** A value, or columns of it. */
export interface Reference {
  readonly name: string;
  /** From this column up to that one without it; undefined for all. */
  readonly columns?: readonly [from: number, end: number | undefined];
}

/**
 * Reads names: a comma between those of several feature maps, and columns behind a name, e.g. "output[0:4]".
 *
 * @param text E.g. "boxes", "fine, coarse", "output[5:]"
 * @returns What is meant
 */
export function referencesIn(text: string): readonly Reference[] {
  return text.split(",").map((part) => {
    const [, name, from, end] = /^(.+?)\[(\d*):(\d*)\]$/.exec(part.trim()) ?? [];
    if (name === undefined) return { name: part.trim() };
    return { name, columns: [Number(from), end === "" ? undefined : Number(end)] };
  });
}

/** What the heads say of one feature map, or of all together. */
export interface Rows {
  /** `[B, N, C]` */
  readonly rows: tf.Tensor3D;
  /** Of the feature map, where the value is one. */
  readonly cells?: Cells;
}

/** What is known of a value before its shape. */
export interface RowsKnown {
  /** N, of boxes that were read before. */
  readonly count?: number;
  /** C before columns are taken. */
  readonly width?: number;
  /** Boxes in a cell, where neither is known. */
  readonly perCell?: number;
}

/**
 * Reads a value as rows: `[B, N, C]`, `[B, C, N]` (as YOLO's), `[B, N]`, a map `[B, A C, h, w]` whose A boxes a cell
 * stand one after another, or `[B, A, h, w, C]`. Rows of maps go row by row, cell by cell, then through its boxes.
 *
 * @param values Of a run
 * @param reference The value
 * @param known What is known of it
 * @param fail Throws an error with a reason
 * @returns Its rows
 */
export function rowsOf(
  values: OnnxValues,
  { name, columns }: Reference,
  { count, width, perCell }: RowsKnown,
  fail: (reason: string) => never,
): Rows {
  const value = values.get(name);
  const { shape } = value;
  const refuse = () => fail(`"${name}" must have rows of boxes: current shape is [${shape}]`);
  const batch = shape[0];
  const taken = (rows: tf.Tensor): tf.Tensor3D => {
    const [from, end = rows.shape[2]!] = columns ?? [0];
    if (!(from < end && end <= rows.shape[2]!)) {
      fail(`"${name}" has ${rows.shape[2]} columns: ${from} to ${end} are none of them`);
    }
    return tf.slice(rows as tf.Tensor3D, [0, 0, from], [-1, -1, end - from]);
  };
  if (value.rank === 2) return { rows: taken(tf.reshape(value, [batch, -1, 1])) };
  if (value.rank === 3) {
    const [, first, last] = shape;
    const isTurned = count !== undefined
      ? first !== count
      : width !== undefined
      ? last !== width
      : first < last;
    return { rows: taken(isTurned ? tf.transpose(value, [0, 2, 1]) : value) };
  }
  if (value.rank === 4) {
    const map = values.map(name);
    const [, height, columns, depth] = map.shape;
    const boxes = count === undefined
      ? width === undefined ? perCell ?? 1 : depth / width
      : count / (height * columns);
    if (!Number.isInteger(boxes) || depth % boxes !== 0) return refuse();
    const rows = tf.reshape(map, [batch, height * columns * boxes, depth / boxes]);
    return { rows: taken(rows), cells: [height, columns] };
  }
  if (value.rank !== 5) return refuse();
  const [, boxes, height, across, depth] = shape;
  // Five axes turn as four: a map's cells are one.
  const cells = tf.reshape(value, [batch, boxes, height * across, depth]);
  const turned = tf.transpose(cells, [0, 2, 1, 3]);
  return {
    rows: taken(tf.reshape(turned, [batch, height * across * boxes, depth])),
    cells: [height, across],
  };
}
