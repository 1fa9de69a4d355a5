import assert from "node:assert/strict";
import type { Dataset } from "../dataset.ts";
import { generatorDefense } from "../defenses/generator.ts";
import { createGenerator } from "../networks/generator.ts";
import { evaluateSystems, trainTarget } from "../pipeline.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { createGuard } from "./guard.ts";

await useTestBackend();

const task = createToyTask();
const target = await trainTarget({
  preset: toyPreset,
  task,
  dataset: createToyDataset(60),
  steps: 60,
});

/** Two pictures of a class, one above the other. */
function stacked(length: number): Dataset<number> {
  const whole = createToyDataset(2 * length, "held out");
  return {
    ...whole,
    length,
    async read(index) {
      const [upper, lower] = [await whole.read(index), await whole.read(length + index)];
      assert.equal(upper.annotation, lower.annotation);
      const { height, width, pixels } = upper.picture;
      const both = new Uint8Array([...pixels, ...lower.picture.pixels]);
      return { ...upper, picture: { height: 2 * height, width, pixels: both } };
    },
  };
}

/** The toy's task on such pictures: O sees each half, and the sum of its logits decides. */
const windowed: typeof task = {
  ...task,
  cutWindows: (dataset) => ({
    ...dataset,
    length: 2 * dataset.length,
    async read(index) {
      const { picture: { width, pixels }, ...rest } = await dataset.read(index >> 1);
      const half = pixels.length / 2;
      const own = pixels.slice(half * (index % 2), half * (index % 2 + 1));
      return { ...rest, picture: { height: half / width / 3, width, pixels: own } };
    },
  }),
  createMetric() {
    const metric = task.createMetric();
    const rows: tf.Tensor[] = [];
    return {
      ...metric,
      async update({ logits, features }, labels, count) {
        for (let row = 0; row < count; row++) {
          rows.push(tf.slice(logits, [row, 0], [1, -1]));
          if (rows.length < 2) continue;
          const [sum, own] = [tf.addN(rows) as tf.Tensor2D, tf.slice(labels, row, 1)];
          await metric.update({ logits: sum, features }, own, 1);
          tf.dispose([rows.splice(0), sum, own]);
        }
      },
    };
  },
};

Deno.test("createGuard measures windows where an evaluation does", async () => {
  const window = { picture: [16, 8], stride: [8, 8], mirror: false } as const;
  const preset = {
    ...toyPreset,
    generator: { ...toyPreset.generator, skip: true },
    evaluation: { ...toyPreset.evaluation, window },
  };
  const dataset = stacked(30);
  const parts = { preset, task: windowed, target };
  using generator = createGenerator(preset.generator, createRandom(1));
  const defense = generatorDefense(generator);
  const systems = [{ name: "generator", title: "G", target, defense }];
  const rows = await evaluateSystems({ ...parts, dataset, systems });
  const { metric } = rows.find((row) => row.system === "generator" && row.attack === "clean")!;
  assert.equal(metric.count, 30);
  const weights = () => generator.parameters.export();
  const settings = { examples: 30, attack: { name: "pgd", epsilon: 0.07, steps: 1 } };
  const guard = createGuard(settings, { ...parts, heldOut: dataset, weights });
  assert.equal((await guard.review(0)).clean, metric.value);
  assert.throws(
    () => createGuard(settings, { ...parts, task, heldOut: dataset, weights }),
    /toy has no windows/,
  );
});
