import assert from "node:assert/strict";
import { authorsValues, paperValues, withLossValues } from "./loss_values.ts";
import { paperLosses } from "./paper_settings.ts";
import { resolveLosses } from "./losses/mod.ts";
import { toyPreset } from "./testing/toy_task.ts";

Deno.test("authorsValues are those of the authors' code", () => {
  const { losses, perceptual, discriminator, generator } = authorsValues;
  const { weights } = losses;
  // In images of [0, 1]; the code has 50 in [-1, 1].
  assert.equal(weights.reconstruction, 2 * 50);
  assert.deepEqual(
    [weights.perceptual, weights.adversarial, weights.featureMatching],
    [10, 1, 10],
  );
  assert.deepEqual([weights.task, weights.featureReconstruction], [2, 4]);
  assert.deepEqual([weights.classAlign, weights.classInter, weights.classIntra], [0.1, 0.005, 1]);
  assert.deepEqual([losses.margin, losses.interClass, losses.classReduction], [5, "hinge", "sum"]);
  assert.deepEqual(
    [losses.pixelTarget, losses.pixelDistance, losses.stopGradient],
    ["intermediate", "absolute", "perceptual"],
  );
  assert.deepEqual([losses.cleanFeatures, losses.at], ["round-trip", "generator"]);
  assert.deepEqual(perceptual, {
    architecture: "vgg19",
    taps: "first",
    tapWeights: [0.03125, 0.0625, 0.125, 0.25, 1],
    normalization: "centred",
  });
  assert.deepEqual([discriminator.condition, generator.resize], ["labels", "align-corners"]);
});

Deno.test("paperValues are what a preset has that says nothing", () => {
  const { setting } = paperLosses;
  assert.deepEqual(resolveLosses({ ...paperValues.losses, setting }), resolveLosses(paperLosses));
});

Deno.test("withLossValues changes what a bundle has, and nothing else", () => {
  const preset = withLossValues(toyPreset, authorsValues);
  const { losses, perceptual, discriminator, generator, ...rest } = preset;
  assert.deepEqual(losses, { ...authorsValues.losses, setting: toyPreset.losses.setting });
  assert.deepEqual([perceptual.width, perceptual.weights], [2, ""]);
  assert.deepEqual(discriminator, { ...toyPreset.discriminator, condition: "labels" });
  assert.deepEqual(generator, { ...toyPreset.generator, resize: "align-corners" });
  assert.deepEqual({ ...toyPreset, ...rest }, toyPreset);
  // Every value can be taken back.
  const back = withLossValues(preset, paperValues);
  assert.deepEqual(back.losses, { ...paperValues.losses, setting: toyPreset.losses.setting });
});
