import type { Dataset } from "@realign/core";
import assert from "node:assert/strict";
import { dataFolder, openSplit } from "./open_split.ts";
import { samplePreset } from "../testing.ts";

class Greys implements Dataset<number> {
  readonly name = "greys";
  readonly split = "test";
  readonly classNames = ["dark", "bright"];
  readonly digest: string = "greys 1";
  readonly length = 6;
  readonly size: readonly [number, number] = [16, 16];
  read(index: number) {
    const pixels = new Uint8Array(16 * 16 * 3).fill(40 * index);
    const picture = { height: 16, width: 16, pixels };
    return Promise.resolve({ id: `${this.split}/${index}`, picture, annotation: index % 2 });
  }
}

const preset = { dataset: { ...samplePreset.dataset, name: "greys" } };
const plugin = (dataset: object) => ({
  name: "grey",
  datasets: { greys: () => Promise.resolve(dataset as Greys) },
});

Deno.test("openSplit() opens a plugin's dataset, and takes as many examples as were asked for", async () => {
  const whole = await openSplit(preset, plugin(new Greys()), "test", 0, undefined);
  assert.equal(whole.length, 6);
  assert.equal((await whole.read(5)).id, "test/5");
  const part = await openSplit(preset, plugin(new Greys()), "test", 2, undefined);
  assert.equal(part.length, 2);
  assert.notEqual(part.digest, whole.digest);
  await assert.rejects(part.read(2), RangeError);
  const more = await openSplit(preset, plugin(new Greys()), "test", 7, undefined);
  assert.equal(more.length, 6);
  assert.deepEqual(more.notes, ["7 examples requested, all 6 available are used"]);
});

Deno.test("openSplit() opens what comes along where the plugin has none of that name", async () => {
  const opened = await openSplit(samplePreset, plugin(new Greys()), "test", 4, undefined);
  assert.deepEqual([opened.name, opened.length], ["shapes", 4]);
});

Deno.test("openSplit() refuses an unknown name, and a dataset that is not what was asked for", async () => {
  const unknown = { dataset: { ...preset.dataset, name: "greyz" } };
  await assert.rejects(
    openSplit(unknown, plugin(new Greys()), "test", 0, undefined),
    /the dataset "greyz" is unknown: did you mean "greys"/,
  );
  const faults: [object, RegExp][] = [
    [{ size: [8, 8] }, /its size must be 16x16: current value is 8x8/],
    [{ length: 0 }, /its length must be an integer above 0: current value is 0/],
    [{ digest: "" }, /its digest must be a non-empty string/],
    [{ classNames: undefined }, /its classNames must be a list/],
    [{ read: 3 }, /its read must be a function/],
  ];
  for (const [fault, message] of faults) {
    const broken = Object.assign(Object.create(new Greys()), { ...new Greys(), ...fault });
    await assert.rejects(openSplit(preset, plugin(broken), "test", 0, undefined), message);
  }
});

Deno.test("dataFolder() refuses a folder that a drawn dataset would not read, unless a run was started with it", () => {
  const drawn = samplePreset;
  const read = { ...drawn, name: "of-files", dataset: { ...drawn.dataset, name: "coco" } };
  const presets = { drawn, read };
  assert.throws(() => dataFolder(drawn, { presets }, "photos"), {
    name: "UsageError",
    message:
      "Cannot read photos as shapes are drawn: leave out --data, or take a preset that reads files, e.g. of-files",
  });
  assert.throws(
    () => dataFolder(drawn, { presets: { drawn } }, "photos", "before"),
    /leave out --data$/,
  );
  assert.equal(dataFolder(drawn, { presets }, undefined), "");
  assert.equal(dataFolder(drawn, { presets }, undefined, "photos"), "photos");
  assert.equal(dataFolder(read, { presets }, "photos", "before"), "photos");
  // A plugin's dataset of the same name may read files.
  const datasets = { shapes: () => Promise.resolve(new Greys()) };
  assert.equal(dataFolder(drawn, { presets, datasets }, "photos"), "photos");
});
