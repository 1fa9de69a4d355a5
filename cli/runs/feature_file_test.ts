import assert from "node:assert/strict";
import { withStore } from "../testing.ts";
import { type KeptFeatures, perState, readFeatures, saveFeatures } from "./feature_file.ts";

const features: KeptFeatures = {
  attack: "pgd",
  restoredBy: "Generator G",
  length: 64,
  images: 2,
  legend: [{ name: "cat", colour: [1, 2, 3] }],
  classes: [0, 0],
  points: perState(() => [[0, 1], [0.5, 0.25]]),
  measures: perState((state) => ({
    centreDistance: state === "clean" ? 0 : 2.5,
    silhouette: null,
    neighbourAgreement: 1,
  })),
};

Deno.test("readFeatures() gives back what was saved, and nothing where none were", () =>
  withStore(async (store) => {
    assert.equal(await readFeatures(store), undefined);
    await saveFeatures(store, features);
    assert.deepEqual(await readFeatures(store), features);
    await saveFeatures(store, undefined);
    assert.equal(await readFeatures(store), undefined);
  }));

Deno.test("readFeatures() names what is wrong in a file", () =>
  withStore(async (store) => {
    for (
      const [wrong, expected] of [
        [{ ...features, classes: [0] }, /^TypeError: Cannot use features\.json as .*points/],
        [{ ...features, points: perState(() => [[0, 2], [0, 0]]) }, /points\.clean/],
        [{ ...features, extra: 1 }, /extra/],
        [[], /Cannot use features\.json as/],
      ] as const
    ) {
      await store.writeJson("features.json", wrong);
      await assert.rejects(readFeatures(store), expected);
    }
  }));
