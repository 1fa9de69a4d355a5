import assert from "node:assert/strict";
import { presetOn } from "./other_target.ts";
import { toyPreset } from "./testing/toy_task.ts";

const [own, others] = [0.5, 0.25].map((value) => ({
  mean: [value, value, value] as const,
  deviation: [1, 1, 1] as const,
}));
const preset = { ...toyPreset, target: { ...toyPreset.target, normalization: own } };

Deno.test("presetOn() keeps O's normalization for O's architecture only", () => {
  const normalizationOf = (other: object) =>
    presetOn(preset, { weights: "x", ...other }).target.normalization;
  assert.deepEqual(normalizationOf({}), own);
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
