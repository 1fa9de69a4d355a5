import type { Plugin } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadBuiltInPlugins, loadPlugin, resolvePlugin } from "./load_plugin.ts";
import { parsePreset } from "./preset_schema.ts";
import { samplePreset } from "../testing.ts";

const good = `{ name: "depth", apiVersion: 1, presets: {}, createTask() {} }`;

async function load(source: string): Promise<Plugin> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(path, source);
  try {
    return (await loadPlugin(path)).plugin;
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("loadPlugin() takes a plugin from a path", async () => {
  const preset = JSON.stringify({ ...samplePreset, task: "depth" });
  const source = good.replace("presets: {}", `presets: { "cls-sample": ${preset} }`);
  const plugin = await load(`export default ${source};`);
  assert.equal(plugin.name, "depth");
  assert.deepEqual(Object.keys(plugin.presets), ["cls-sample"]);
});

Deno.test("loadPlugin() refuses what is no plugin, in one line", async () => {
  const cases: [string, RegExp][] = [
    ["export const x = 1;", /must export an object as its default/],
    [`export default ${good.replace("1,", "2,")}`, /apiVersion must be 1: current value is 2/],
    [`export default ${good.replace('"depth"', "7")}`, /name must be a non-empty string/],
    [`export default ${good.replace("createTask() {}", "")}`, /createTask must be a function/],
    [`export default ${good.replace("presets: {},", "")}`, /presets must be an object/],
    [`export default ${good.replace("{},", "{}, datasets: 3,")}`, /datasets must be an object/],
    [
      `export default ${good.replace("{},", "{}, datasets: { bars: 3 },")}`,
      /its dataset "bars" must be a function/,
    ],
    [
      `export default ${good.replace("{},", "{ a: { name: 'a' } },")}`,
      /the preset "a" of .* as task must be a string: it is missing/,
    ],
    [
      `export default ${good.replace("{},", `{ "cls-sample": ${JSON.stringify(samplePreset)} },`)}`,
      /its preset "cls-sample" must be of the task "depth": current task is "classification"/,
    ],
    ["export default {", /Cannot load the plugin/],
    ["throw new Error('broken');", /Cannot load the plugin .*: broken/],
  ];
  for (const [source, message] of cases) {
    await assert.rejects(load(source), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
  await assert.rejects(
    loadPlugin("./none.ts"),
    /Cannot find the plugin .\/none.ts: set its location with --plugin/,
  );
});

Deno.test("resolvePlugin() makes paths absolute and leaves the rest", () => {
  assert.equal(resolvePlugin("npm:realign-depth"), "npm:realign-depth");
  assert.equal(resolvePlugin("jsr:@acme/depth"), "jsr:@acme/depth");
  assert.match(resolvePlugin("./depth.ts"), /^file:\/\/\/.*\/depth.ts$/);
  assert.ok(resolvePlugin("a b.ts").endsWith(join("/", "a%20b.ts")));
});

Deno.test("every preset that comes along is whole", async () => {
  for (const { plugin: { name, presets } } of await loadBuiltInPlugins()) {
    for (const [key, preset] of Object.entries(presets)) {
      assert.equal(parsePreset(preset, key).name, key);
      assert.equal(preset.task, name);
    }
  }
});
