/**
 * Rivals on tasks that are no classification: segmentation, detection, and a third party's. No recipe knows a task.
 */
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";
import { checkRun, createRandom, type Dataset, type Preset, trainGenerator } from "@realign/core";
import { createRestorer, recipes, withRecipe } from "@realign/core/recipes";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { openDataset } from "@realign/datasets";
import assert from "node:assert/strict";
import bars from "./bar_angle/mod.ts";
import { openBars } from "./bar_angle/dataset.ts";

await useTestBackend();

/** Networks of a few channels. */
const TINY: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "ape-gan": { width: 4 },
  hgd: { width: 4 },
  nrp: { width: 4, blocks: 1, growth: 2, criticWidth: 4 },
  fpd: { encoder: "resnet18", width: 4 },
  "defense-gan": { width: 4, inner: 8, restarts: 1, steps: 2 },
  sr: { width: 4, blocks: 1 },
};

/** Of what restorers see: no square. */
const SIZE = [24, 32] as const;
/** Of drawn shapes, which are square. */
const SQUARE = [32, 32] as const;

/** A preset of a few channels and examples. */
function small(preset: Preset, changes: Partial<Preset["target"]>): Preset {
  return {
    ...preset,
    target: {
      ...preset.target,
      ...changes,
      train: { ...preset.target.train, batchSize: 4 },
    },
    generator: { ...preset.generator, size: SIZE, width: 4 },
    perceptual: { ...preset.perceptual, width: 2 },
    train: { ...preset.train, batchSize: 2, attackCache: 0, epochs: 1 },
    attack: preset.attack.members
      ? {
        ...preset.attack,
        members: preset.attack.members.map((member) => ({ ...member, steps: 1 })),
      }
      : { ...preset.attack, steps: 1 },
  };
}

const shapes = (annotation: "labelMap" | "boxes") => async (preset: Preset) =>
  await openDataset("shapes", "train", {
    annotation: annotation as "boxes",
    size: SQUARE,
    classes: preset.dataset.classes,
    examples: 6,
    own: preset.dataset.options,
  }) as Dataset<unknown>;

const seg = segmentation.presets["seg-shapes"];
const det = detection.presets["det-shapes"];
const cases = [
  {
    plugin: segmentation,
    preset: small(seg, { architecture: "pspnet-resnet18-w0.1", size: [17, 17] }),
    open: shapes("labelMap"),
  },
  {
    plugin: detection,
    preset: small(det, { architecture: "ssd64-vgg16-bn-w0.0625" }),
    open: shapes("boxes"),
  },
  {
    plugin: bars,
    preset: small(bars.presets.bars, { size: SIZE }),
    open: async () => await openBars("train", { size: SIZE, examples: 6 }) as Dataset<unknown>,
  },
];

for (const { plugin, preset, open } of cases) {
  const parts = async () => {
    const dataset = await open(preset);
    const task = plugin.createTask(preset, dataset.classNames);
    const { architecture } = preset.target;
    return { dataset, task, target: task.createTarget(architecture, createRandom(1, "target")) };
  };

  Deno.test(`every rival trains in front of ${plugin.name}: steps are finite and move it`, async () => {
    const { dataset, task, target } = await parts();
    using _target = target;
    assert.deepEqual(Object.keys(TINY).toSorted(), Object.keys(recipes).toSorted());
    for (const [name, options] of Object.entries(TINY)) {
      const own = withRecipe(preset, { name, ...options });
      const steps: number[] = [];
      const source = { preset: own, task, target, dataset, steps: 2 };
      using restorer = await trainGenerator(source, ({ losses }) => {
        steps.push(...Object.values(losses));
      });
      assert.ok(steps.length > 0 && steps.every(Number.isFinite), `${name}: ${steps}`);
      const first = restorer.parameters.trainable[0].dataSync();
      using before = createRestorer(own);
      assert.notDeepEqual(before.parameters.trainable[0].dataSync(), first, name);
      if (restorer.createDefense) continue;
      const restored = tf.tidy(() => restorer.restore(tf.zeros([1, ...SIZE, 3])));
      assert.deepEqual(restored.shape, [1, ...SIZE, 3], name);
      restored.dispose();
    }
  });

  Deno.test(`every published training starts in front of ${plugin.name}, its attack with an objective of the task`, async () => {
    const { dataset, task, target } = await parts();
    using _target = target;
    for (const [name, options] of Object.entries(TINY)) {
      const { train, ...own } = withRecipe(preset, { name, protocol: "original", ...options });
      await checkRun({
        preset: { ...own, train: { ...train, batchSize: 2 } },
        task,
        target,
        dataset,
      });
    }
  });

  Deno.test(`a guide of HGD that ${plugin.name} has nothing for is refused in one line`, async () => {
    const { dataset, task, target } = await parts();
    using _target = target;
    const guided = (guide: string) =>
      checkRun({
        preset: withRecipe(preset, { name: "hgd", ...TINY.hgd, guide }),
        ...{ task, target, dataset },
      });
    for (const guide of ["feature", "class"]) await guided(guide);
    await assert.rejects(guided("logit"), {
      name: "RangeError",
      message: `Cannot compare logits as ${task.name} has none: set recipe.guide to "feature"`,
    });
  });
}

Deno.test("recipes name no task, attack's objective or label of a task", async () => {
  const folder = new URL("../core/recipes/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith("_test.ts")) continue;
    const code = await Deno.readTextFile(new URL(name, folder));
    const told = /\b(segmentation|detection|classification|boxes|labelMap|mIoU|mAP)\b/.exec(code);
    assert.equal(told, null, `${name}: ${told?.[0]}`);
  }
});
