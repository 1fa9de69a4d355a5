import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import process from "node:process";
import * as tf from "../tf.ts";
import { conformanceCases, conformanceFailure, conformanceReferences } from "./conformance.ts";
import { type BackendName, selectBackend } from "./mod.ts";

const library = process.env.REALIGN_LIBTENSORFLOW;
const adapter = await (navigator.gpu?.requestAdapter() ?? null);

const backends: readonly { readonly name: BackendName; readonly missing?: string }[] = [
  { name: "cpu" },
  { name: "wasm" },
  {
    name: "tensorflow",
    missing: library && existsSync(library) ? undefined : "REALIGN_LIBTENSORFLOW is not set",
  },
  { name: "webgpu", missing: adapter ? undefined : "no adapter" },
];

for (const { name, missing } of backends) {
  const title = `the ${name} backend has the values and gradients of the conformance table`;
  Deno.test({
    name: missing ? `${title} (skipped: ${missing})` : title,
    ignore: missing !== undefined,
    async fn() {
      const references = await conformanceReferences();
      await selectBackend(name);
      assert.equal(tf.getBackend(), name);
      const failures: Record<string, string> = {};
      for (const item of conformanceCases) {
        if (item.known?.[name]) continue;
        const failure = await conformanceFailure(item, references.get(item.name)!);
        if (failure) failures[item.name] = failure;
      }
      assert.deepEqual(failures, {});
    },
  });
}

Deno.test("the conformance table names every case once", () => {
  const names = conformanceCases.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});
