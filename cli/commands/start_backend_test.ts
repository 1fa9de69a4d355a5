import assert from "node:assert/strict";
import { warnOfPrecision } from "./start_backend.ts";

Deno.test("warnOfPrecision says in one line where half precision has no effect", () => {
  const warnings: string[] = [];
  const output = { warn: (message: string) => void warnings.push(message) };
  warnOfPrecision({}, { name: "wasm" }, output);
  warnOfPrecision({ precision: "float32" }, { name: "webgpu" }, output);
  warnOfPrecision({ precision: "bfloat16" }, { name: "tensorflow" }, output);
  assert.deepEqual(warnings, []);
  warnOfPrecision({ precision: "bfloat16" }, { name: "wasm" }, output);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /bfloat16 has no effect on the wasm backend/);
});
