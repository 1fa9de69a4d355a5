import { provideLibtensorflow } from "../core/backend/tensorflow/install.ts";
import assert from "node:assert/strict";
import { join } from "node:path";

interface Ending {
  readonly code: number;
  readonly signal: string | null;
  readonly output: string;
  readonly error: string;
}

async function runChecked(): Promise<Ending> {
  const script = join(import.meta.dirname!, "heap", "narrow_filters.ts");
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", script],
  }).output();
  const printed = new TextDecoder().decode(stdout);
  assert.notEqual(printed, "", new TextDecoder().decode(stderr));
  return JSON.parse(printed);
}

const hasTensorflow = await provideLibtensorflow({ fetch: false }).then(() => true, () => false);
const missing = hasTensorflow ? undefined : "TensorFlow was not fetched";
const title = "gradients of narrow 1x1 filters under strides keep within their memory";

Deno.test({
  name: missing ? `${title} (skipped: ${missing})` : title,
  ignore: missing !== undefined || Deno.build.os !== "linux",
  async fn() {
    const { error, ...ending } = await runChecked();
    if (error.includes("cannot be preloaded")) {
      console.warn("not checked: this C library has no libc_malloc_debug.so.0");
      return;
    }
    assert.deepEqual(ending, { code: 0, signal: null, output: "done\n" }, error);
  },
});
