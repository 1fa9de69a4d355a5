import assert from "node:assert/strict";
import type { LossSetting, LossSettings, LossWeights } from "../preset.ts";
import { resolveLosses } from "./setting.ts";

const weights: LossWeights = {
  reconstruction: 1,
  perceptual: 2,
  adversarial: 3,
  featureMatching: 4,
  task: 5,
  featureReconstruction: 6,
  classAlign: 7,
  classInter: 8,
  classIntra: 9,
};

const settings: LossSettings = {
  setting: "full",
  pixelTarget: "intermediate",
  stopGradient: "all",
  pixelDistance: "absolute",
  weights,
  margin: 1,
  interClass: "hinge",
  classReduction: "sum",
};

const pixel = ["reconstruction", "perceptual", "adversarial", "featureMatching"];
const feature = ["task", "featureReconstruction"];
const classes = ["classAlign", "classInter", "classIntra"];

const rowsOfTable1: Readonly<Record<LossSetting, { terms: string[]; traditional: boolean }>> = {
  "full": { terms: [...pixel, ...feature, ...classes], traditional: false },
  "L_I": { terms: pixel, traditional: false },
  "L_F": { terms: feature, traditional: false },
  "L_I+F": { terms: [...pixel, ...feature], traditional: false },
  "L_T": { terms: pixel, traditional: true },
  "L_T+F": { terms: [...pixel, ...feature], traditional: true },
};

for (const [setting, { terms, traditional }] of Object.entries(rowsOfTable1)) {
  Deno.test(`resolveLosses keeps the terms of ${setting}`, () => {
    const resolved = resolveLosses({ ...settings, setting: setting as LossSetting });
    for (const [name, weight] of Object.entries(weights)) {
      const kept = terms.includes(name) ? weight : 0;
      assert.equal(resolved.weights[name as keyof LossWeights], kept, name);
    }
    assert.equal(resolved.pixelTarget, traditional ? "clean" : "intermediate");
    assert.equal(resolved.real, traditional ? "clean" : "restored");
    assert.equal(resolved.usesDiscriminator, setting !== "L_F");
    assert.equal(resolved.margin, 1);
  });
}

Deno.test("resolveLosses needs no discriminator where its terms weigh nothing", () => {
  const quiet = { ...weights, adversarial: 0, featureMatching: 0 };
  assert.equal(resolveLosses({ ...settings, weights: quiet }).usesDiscriminator, false);
});

Deno.test("resolveLosses keeps the pixel target that was asked for outside of L_T", () => {
  const { pixelTarget, real } = resolveLosses({ ...settings, pixelTarget: "adversarial" });
  assert.deepEqual([pixelTarget, real], ["adversarial", "restored"]);
});

Deno.test("resolveLosses refuses weights below 0 and not finite", () => {
  for (const task of [-1, NaN, Infinity]) {
    assert.throws(
      () => resolveLosses({ ...settings, weights: { ...weights, task } }),
      { name: "RangeError", message: /weight of task must be .*: current value is / },
    );
  }
});

Deno.test("resolveLosses refuses to leave no term", () => {
  const empty = { ...weights, task: 0, featureReconstruction: 0 };
  assert.throws(
    () => resolveLosses({ ...settings, setting: "L_F", weights: empty }),
    /Cannot train with the losses "L_F"/,
  );
});

Deno.test("resolveLosses fills in what a preset leaves out, and keeps what it says", () => {
  const { intraReduction, features, ignored, cleanFeatures, at } = resolveLosses(settings);
  assert.deepEqual(
    { intraReduction, features, ignored, cleanFeatures, at },
    {
      intraReduction: "classes",
      features: "penultimate",
      ignored: "skip",
      cleanFeatures: "loaded",
      at: "dataset",
    },
  );
  const own = { features: "logits", at: "generator" } as const;
  const resolved = resolveLosses({ ...settings, ...own });
  assert.deepEqual([resolved.features, resolved.at], ["logits", "generator"]);
});
