import assert from "node:assert/strict";
import { conformanceCases, conformanceFailures } from "./conformance.ts";
import { provideLibtensorflow } from "./tensorflow/install.ts";
import { type BackendName, selectBackend } from "./mod.ts";

/** WebGPU stays out of this process: TensorFlow crashes where Mesa's renderer was loaded before it. */
async function runDeno(...args: string[]): Promise<{ success: boolean; output: string }> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" })
    .output();
  return { success, output: new TextDecoder().decode(stdout) };
}

const probe = "Deno.exit(await navigator.gpu?.requestAdapter() ? 0 : 1)";
const { success: hasAdapter } = await runDeno("eval", probe);

const backends: readonly { readonly name: BackendName; readonly missing?: string }[] = [
  { name: "cpu" },
  { name: "wasm" },
  {
    name: "tensorflow",
    missing: await provideLibtensorflow({ fetch: false }).then(
      () => undefined,
      () => "it was not fetched",
    ),
  },
  { name: "webgpu", missing: hasAdapter ? undefined : "there is no GPU adapter" },
];

for (const { name, missing } of backends) {
  const title = `the ${name} backend has the values and gradients of the conformance table`;
  Deno.test({
    name: missing ? `${title} (skipped: ${missing})` : title,
    ignore: missing !== undefined,
    async fn() {
      if (name !== "webgpu") {
        assert.deepEqual(await conformanceFailures(() => selectBackend(name)), {});
        return;
      }
      const script = new URL("./conformance_run.ts", import.meta.url).href;
      const { success, output } = await runDeno("run", "--allow-all", "--no-check", script, name);
      assert.ok(success, "the run of the table failed");
      assert.deepEqual(JSON.parse(output.trim().split("\n").at(-1)!), {});
    },
  });
}

Deno.test("the conformance table names every case once", () => {
  const names = conformanceCases.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});
