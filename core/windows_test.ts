import assert from "node:assert/strict";
import { windowStarts } from "./windows.ts";

Deno.test("windowStarts lays windows to the very end", () => {
  assert.deepEqual(windowStarts(32, 5, 3), [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  assert.deepEqual(windowStarts(64, 5, 3).slice(-3), [54, 57, 59]);
  assert.deepEqual(windowStarts(5, 5, 3), [0]);
  assert.deepEqual(windowStarts(4, 5, 3), [0]);
});
