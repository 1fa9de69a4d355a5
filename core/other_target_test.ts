import assert from "node:assert/strict";
import { presetOn, withOwnTargets } from "./other_target.ts";
import { toyPreset } from "./testing/toy_task.ts";

const [own, others] = [0.5, 0.25].map((value) => ({
  mean: [value, value, value] as const,
  deviation: [1, 1, 1] as const,
}));
const preset = { ...toyPreset, target: { ...toyPreset.target, normalization: own } };

Deno.test("presetOn() keeps O's normalization only where it keeps the architecture", () => {
  const normalizationOf = (other: object) =>
    presetOn(preset, { weights: "x", ...other }).target.normalization;
  assert.deepEqual(normalizationOf({}), own);
  assert.equal(normalizationOf({ architecture: preset.target.architecture }), undefined);
  assert.equal(normalizationOf({ architecture: "another" }), undefined);
  assert.deepEqual(normalizationOf({ architecture: "another", normalization: others }), others);
  assert.deepEqual(normalizationOf({ normalization: others }), others);
});

Deno.test("presetOn() changes nothing but the target", () => {
  const { target, ...rest } = presetOn(preset, { architecture: "another", weights: "x" });
  const { target: before, ...kept } = preset;
  assert.deepEqual(rest, kept);
  assert.deepEqual(target, {
    architecture: "another",
    size: before.size,
    weights: "x",
    train: before.train,
  });
});

Deno.test("withOwnTargets() keeps systems and substitutes as they are when O is exchanged", () => {
  const systems = { other: { defenses: [], target: { weights: "a" } }, none: { defenses: [] } };
  const substitutes = {
    same: { weights: "b" },
    another: { architecture: "another", size: [4, 4] as const, weights: "c" },
  };
  const evaluation = { ...preset.evaluation, systems, substitutes };
  const before = withOwnTargets({ ...preset, evaluation });
  const after = presetOn(before, { architecture: "new", size: [2, 2], weights: "" });
  const { size, architecture } = preset.target;
  assert.deepEqual(after.evaluation.systems, {
    other: { defenses: [], target: { weights: "a", architecture, size, normalization: own } },
    none: { defenses: [] },
  });
  assert.deepEqual(after.evaluation.substitutes, {
    same: { weights: "b", architecture, size, normalization: own },
    another: substitutes.another,
  });
});
