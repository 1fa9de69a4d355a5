/**
 * A machine without TensorFlow and without a network: what is missing is said, and wasm takes over.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";

/** Surroundings in which nothing is found: an empty cache, no Python, a proxy that nobody answers. */
const bare = (folder: string) => ({
  HOME: folder,
  XDG_CACHE_HOME: folder,
  REALIGN_CACHE: join(folder, "cache"),
  REALIGN_LIBTENSORFLOW: "",
  PATH: folder,
  https_proxy: "http://127.0.0.1:9",
  // Deno's own modules are at hand; only Realign is to find nothing.
  DENO_DIR: denoFolder,
});

const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
const denoFolder: string = JSON.parse(new TextDecoder().decode(info.stdout)).denoDir;

Deno.test("without TensorFlow and a network, --backend tensorflow ends with one line", () =>
  withFolder(async (folder) => {
    const args = ["doctor", "--backend", "tensorflow"];
    const { code, out, error } = await runRealign(args, { env: bare(folder) });
    assert.equal(code, 1, error);
    assert.equal(out, "");
    assert.match(error.trimEnd().split("\n").at(-1)!, /^error: Cannot [^\n]*$/);
    assert.doesNotMatch(error, /^\s+at /m);
  }));

Deno.test("without TensorFlow and a network, --backend auto says so and computes on wasm", () =>
  withFolder(async (folder) => {
    const { code, out, error } = await runRealign(["doctor", "--json"], { env: bare(folder) });
    assert.equal(code, 0, error);
    assert.equal(JSON.parse(out).backend.name, "wasm");
    assert.match(error, /the wasm backend takes over/);
  }));

Deno.test("a folder that holds no TensorFlow is named", () =>
  withFolder(async (folder) => {
    const env = { ...bare(folder), REALIGN_LIBTENSORFLOW: folder };
    const { code, error } = await runRealign(["doctor", "--backend", "tensorflow"], { env });
    assert.equal(code, 1);
    assert.match(error, /^error: .*REALIGN_LIBTENSORFLOW points to .* has no libtensorflow/m);
  }));
