import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { minimumErrorCut } from "./seam.ts";
import { stitch } from "./stitch.ts";

/** All cuts of a number of rows and columns. */
function allCuts(rows: number, columns: number): number[][] {
  if (rows === 0) return [[]];
  const all = [...Array(columns).keys()];
  return allCuts(rows - 1, columns).flatMap((cut) =>
    all.filter((column) => cut.length === 0 || Math.abs(column - cut.at(-1)!) <= 1)
      .map((column) => [...cut, column])
  );
}

Deno.test("minimumErrorCut has the least sum of all cuts", () => {
  for (let seed = 0; seed < 8; seed++) {
    const [rows, columns] = [5, 1 + seed % 4];
    const errors = createRandom(seed, "errors").uniforms(rows * columns, 0, 1);
    const sum = (cut: ArrayLike<number>) =>
      Array.from(cut, (column, row) => errors[row * columns + column]).reduce((a, b) => a + b, 0);
    const least = Math.min(...allCuts(rows, columns).map(sum));
    const cut = minimumErrorCut(errors, columns);
    assert.ok(Math.abs(sum(cut) - least) < 1e-6);
    for (let row = 1; row < rows; row++) assert.ok(Math.abs(cut[row] - cut[row - 1]) <= 1);
  }
});

Deno.test("stitch cuts where old and new agree, and keeps the old on its own side", () => {
  // Two patches of 4 columns that overlap by 3, and agree in the middle one of these.
  const grey = (values: number[]) =>
    Float32Array.from({ length: 4 * 4 * 3 }, (_, at) => values[Math.floor(at / 3) % 4]);
  const patches = [grey([1, 2, 3, 4]), grey([7, 3, 9, 10])];
  const row = (layout: Parameters<typeof stitch>[0], step: number) =>
    Array.from({ length: 5 }, (_, at) => stitch(layout, (index) => patches[index])[step * 3 * at]);
  const beside = { height: 4, width: 5, patch: 4, rows: [0], columns: [0, 1] };
  assert.deepEqual(row(beside, 1), [1, 2, 3, 9, 10]);
  const turned = patches.map((patch) =>
    patch.map((_, at) => patch[3 * (4 * (Math.floor(at / 3) % 4) + Math.floor(at / 12))])
  );
  patches.splice(0, 2, ...turned);
  const above = { height: 5, width: 4, patch: 4, rows: [0, 1], columns: [0] };
  assert.deepEqual(row(above, 4), [1, 2, 3, 9, 10]);
});

Deno.test("stitch with no overlap lays patches side by side", () => {
  const layout = { height: 2, width: 4, patch: 2, rows: [0], columns: [0, 2] };
  const image = stitch(layout, (index) => new Float32Array(12).fill(index));
  assert.deepEqual([...image.filter((_, at) => at % 3 === 0)], [0, 0, 1, 1, 0, 0, 1, 1]);
});
