import assert from "node:assert/strict";
import { plainClasses, regionOf, toLabelMap } from "./label_map.ts";

const whole = (height: number, width: number) => ({ left: 0, top: 0, height, width });

Deno.test("regionOf takes all of a picture, or what has the wanted proportions around the centre", () => {
  assert.deepEqual(regionOf([1024, 2048], [512, 512], "stretch"), whole(1024, 2048));
  const centre = { left: 512, top: 0, height: 1024, width: 1024 };
  assert.deepEqual(regionOf([1024, 2048], [512, 512], "cover"), centre);
  const wide = { left: 0, top: 125, height: 250, width: 500 };
  assert.deepEqual(regionOf([500, 500], [100, 200], "cover"), wide);
  assert.deepEqual(regionOf([3, 1], [400, 2], "cover"), whole(3, 1));
});

Deno.test("toLabelMap halves, keeps and doubles by the nearest pixel's centre", () => {
  const values = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4]);
  const indices = { height: 4, width: 4, values };
  const table = plainClasses(11, []);
  const at = (
    height: number,
    width: number,
  ) => [...toLabelMap(indices, table, whole(4, 4), [height, width], "a.png").classes];
  assert.deepEqual(at(4, 4), [...values]);
  assert.deepEqual(at(2, 2), [5, 7, 2, 4]);
  assert.deepEqual(at(1, 8), [8, 8, 9, 9, 10, 10, 0, 0]);
  const part = { left: 2, top: 1, height: 2, width: 2 };
  assert.deepEqual([...toLabelMap(indices, table, part, [2, 2], "a.png").classes], [6, 7, 10, 0]);
});

Deno.test("toLabelMap names a label that there is no class for, even where it is not taken", () => {
  const indices = { height: 1, width: 4, values: Uint8Array.of(0, 255, 1, 12) };
  const region = { left: 0, top: 0, height: 1, width: 2 };
  assert.throws(
    () => toLabelMap(indices, plainClasses(11, [11, 255]), region, [1, 2], "a.png"),
    /^Error: Cannot use a\.png as its labels must be 0 to 11 or 255: current value at row 0, column 3 of 1x4 is 12$/,
  );
});
