import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import type { OnnxValues } from "@realign/interop";
import assert from "node:assert/strict";
import { referencesIn, type RowsKnown, rowsOf } from "./onnx_rows.ts";

await useTestBackend();
const fail = (reason: string): never => {
  throw new RangeError(reason);
};
/** Values of one run, "y" alone. */
const valuesOf = (y: tf.Tensor): OnnxValues => ({
  size: [8, 8],
  get: () => y,
  map: () => tf.transpose(y, [0, 2, 3, 1]) as tf.Tensor4D,
  columns: () => [],
});
const read = (y: tf.Tensor, known: RowsKnown, text = "y") =>
  rowsOf(valuesOf(y), referencesIn(text)[0], known, fail);
const numbers = (shape: number[]) => tf.reshape(tf.range(0, shape.reduce((a, b) => a * b)), shape);

Deno.test("referencesIn() reads names of maps, and columns", () => {
  assert.deepEqual(referencesIn("fine, coarse"), [{ name: "fine" }, { name: "coarse" }]);
  assert.deepEqual(referencesIn("/head/out.1[0:4]"), [{ name: "/head/out.1", columns: [0, 4] }]);
  assert.deepEqual(referencesIn("y[5:]"), [{ name: "y", columns: [5, undefined] }]);
});

Deno.test("rowsOf() takes rows as they are, and turns columns", () => {
  const rows = numbers([2, 3, 4]);
  assertClose(read(rows, { width: 4 }).rows, rows);
  assertClose(read(tf.transpose(rows, [0, 2, 1]), { width: 4 }).rows, rows);
  assertClose(read(tf.transpose(rows, [0, 2, 1]), { count: 3 }).rows, rows);
  assertClose(read(numbers([2, 4, 6]), {}).rows, tf.transpose(numbers([2, 4, 6]), [0, 2, 1]));
  assertClose(read(numbers([2, 3]), {}).rows, tf.reshape(numbers([2, 3]), [2, 3, 1]));
});

Deno.test("rowsOf() takes columns", () => {
  const rows = numbers([2, 9, 7]);
  assertClose(read(rows, {}, "y[4:5]").rows, tf.slice(rows, [0, 0, 4], [-1, -1, 1]));
  assertClose(read(rows, {}, "y[5:]").rows, tf.slice(rows, [0, 0, 5], [-1, -1, 2]));
  assert.throws(() => read(rows, {}, "y[5:9]"), /"y" has 7 columns: 5 to 9 are none of them/);
});

/** What stands at anchor a, column c, of cell (i, j) of example b. */
const at = (b: number, a: number, c: number, i: number, j: number) =>
  b * 1e4 + a * 1e3 + c * 100 + i * 10 + j;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

Deno.test("rowsOf() of maps goes by rows, cells, and the boxes of a cell", () => {
  const expected = range(2).flatMap((b) =>
    range(2).flatMap((i) =>
      range(3).flatMap((j) => range(2).flatMap((a) => range(4).map((c) => at(b, a, c, i, j))))
    )
  );
  const map = range(2).flatMap((b) =>
    range(2).flatMap((a) =>
      range(4).flatMap((c) => range(2).flatMap((i) => range(3).map((j) => at(b, a, c, i, j))))
    )
  );
  const four = tf.tensor4d(map, [2, 8, 2, 3]);
  for (const known of [{ width: 4 }, { count: 12 }, { perCell: 2 }]) {
    const { rows, cells } = read(four, known);
    assert.deepEqual([rows.shape, cells], [[2, 12, 4], [2, 3]]);
    assertClose(rows, expected);
  }
  const five = tf.transpose(tf.reshape(four, [2, 2, 4, 2, 3]), [0, 1, 3, 4, 2]);
  const { rows, cells } = read(five, {});
  assert.deepEqual([rows.shape, cells], [[2, 12, 4], [2, 3]]);
  assertClose(rows, expected);
  assert.throws(() => read(four, { count: 7 }), /"y" must have rows of boxes: .* is \[2,8,2,3\]/);
  assert.throws(() => read(tf.zeros([1, 1, 1, 1, 1, 1]), {}), /must have rows of boxes/);
});
