import assert from "node:assert/strict";
import { selectBackend } from "../backend/mod.ts";
import type { Picture } from "../dataset.ts";
import { createGenerator } from "../networks/generator.ts";
import type { DefenseSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import { goldenNumbers } from "../testing/golden.ts";
import { createToyDataset, toyPreset } from "../testing/toy_task.ts";
import { images8 } from "../testing/victims.ts";
import { createDefense, defenses, fitOn } from "./mod.ts";

const file = new URL("./golden.json", import.meta.url);

/** Stands in for a codec: coarser with lower quality. */
const jpegRoundTrip = ({ pixels, ...picture }: Picture, quality: number) => {
  const step = Math.ceil(100 / quality);
  return Promise.resolve({ ...picture, pixels: pixels.map((value) => value - value % step) });
};

const all: readonly (readonly DefenseSettings[])[] = [
  [{ name: "identity" }],
  [{ name: "generator" }],
  [{ name: "jpeg", quality: 30 }],
  [{ name: "quantization", bits: 3 }],
  [{ name: "random-resize-pad", smallest: 0.6 }],
  [{ name: "random-resize-pad", smallest: 0.6, perImage: false }],
  [{ name: "random-resize-pad", mode: "enlarge" }],
  [{ name: "bounded-noise" }],
  [{ name: "generator" }, { name: "random-resize-pad" }, { name: "jpeg" }],
  [{ name: "quilting", patch: 4, patches: 300 }],
  [{ name: "tvm", unit: "pixel" }, { name: "quilting", neighbours: 5, patches: 200 }],
  [{ name: "tvm" }],
  [{ name: "feature-distillation" }],
  [{ name: "bicubic" }],
  [{ name: "bicubic", output: "double" }],
  [{ name: "feature-distillation", order: "deviation", fine: 4, colour: "ycbcr" }],
  [{ name: "feature-distillation", passes: 2, quality: 30 }],
];

Deno.test("every defense of the table has golden values", () => {
  const covered = new Set(all.flat().map(({ name }) => name));
  assert.deepEqual(Object.keys(defenses).filter((name) => !covered.has(name)), []);
});

Deno.test("defenses give their golden values, or say by their version that they do not", async () => {
  await selectBackend("cpu");
  const images = images8(3, 1);
  using generator = createGenerator(toyPreset.generator, createRandom(1));
  const fitted = fitOn(createToyDataset(12), createRandom(1));
  const kit = { jpegRoundTrip, fitted, generator: () => Promise.resolve(generator) };
  const now: object[] = [];
  for (const chain of all) {
    using defense = await createDefense(chain, kit);
    const restored = await defense.restore(images, createRandom(1, "golden"));
    now.push({ chain, version: defense.version, ...await goldenNumbers(restored) });
    restored.dispose();
  }
  images.dispose();
  if (Deno.env.get("REALIGN_GOLDEN") === "write") {
    await Deno.writeTextFile(file, `${JSON.stringify(now, null, 2)}\n`);
  }
  assert.deepEqual(
    now,
    JSON.parse(await Deno.readTextFile(file)),
    'a defense gives other images than when its version was set, or has another: raise "version" in its ' +
      "definition, then write the golden values with REALIGN_GOLDEN=write",
  );
});
