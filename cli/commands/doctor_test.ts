import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(import.meta.resolve("../main.ts"));

Deno.test("doctor says what the machine does, half precision included, and TensorFlow says nothing beside it", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", main, "doctor", "--json"],
    env: { TF_CPP_MIN_LOG_LEVEL: "" },
  }).output();
  const text = new TextDecoder();
  assert.equal(text.decode(stderr), "");
  assert.ok(success);
  const { backend, convolutionGflops, bfloat16 } = JSON.parse(text.decode(stdout));
  assert.ok(backend.name.length > 0);
  assert.ok(convolutionGflops > 1);
  for (const gain of Object.values<number>(bfloat16?.gains ?? {})) assert.ok(gain > 0);
});
