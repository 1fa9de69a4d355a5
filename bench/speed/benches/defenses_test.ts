import { presets } from "@realign/classification";
import type { Preset } from "@realign/core";
import assert from "node:assert/strict";
import type { DefenseFacts } from "../defense_costs.ts";
import { measureDefenses } from "./defenses.ts";

const small = presets["cls-shapes"];
const preset: Preset = {
  ...small,
  dataset: { ...small.dataset, trainExamples: 90 },
  target: { ...small.target, train: { ...small.target.train, batchSize: 20, epochs: 3 } },
  generator: { ...small.generator, width: 4, blocks: 1 },
  discriminator: { ...small.discriminator, width: 4 },
  perceptual: { ...small.perceptual, width: 4 },
  train: { ...small.train, batchSize: 8, epochs: 2 },
  evaluation: { ...small.evaluation, batchSize: 5 },
};

Deno.test("measureDefenses() times what a defense has to do, without any Python", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // Fewer would be held to their processors by another program.
    const threads = navigator.hardwareConcurrency;
    const context = { preset, quick: true, threads, folder, notify: () => {} };
    const names = ["realign", "fast", "jpeg"];
    const { groups, settings } = await measureDefenses(context, names);
    const sides = Object.fromEntries(groups.map(({ name, sides }) => [name, Object.keys(sides)]));
    const isTold = Deno.build.os === "linux";
    assert.deepEqual(sides, {
      "training step": ["realign", "fast"],
      "an image": ["realign", "jpeg"],
      ...isTold && {
        "memory, training": ["realign", "fast"],
        "memory, restoring": ["realign", "jpeg"],
      },
    });
    for (const { best, ratios } of groups) {
      assert.equal(best, undefined);
      assert.equal(Object.keys(ratios).length, 1);
    }
    const { realign, fast, jpeg } = settings.defenses as Record<string, DefenseFacts>;
    assert.deepEqual([realign.steps, realign.images], [90, 2]);
    assert.ok(realign.parameters! > 1000 && fast.parameters! > 10_000);
    assert.deepEqual([fast.steps, fast.images], [66, undefined]);
    assert.equal(jpeg.parameters, undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
