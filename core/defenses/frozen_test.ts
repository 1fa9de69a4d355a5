import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import {
  composeDefenses,
  createDefense,
  freezeDefense,
  identityDefense,
  randomResizePadDefense,
} from "./mod.ts";

await useTestBackend();

const images = tf.tensor4d(createRandom(1).uniforms(2 * 8 * 8 * 3, 0, 1), [2, 8, 8, 3]);

Deno.test("freezeDefense draws the same noise in every pass, and tells attacks which", async () => {
  using shaken = randomResizePadDefense({ smallest: 0.5, perImage: true });
  for (const defense of [shaken, composeDefenses([identityDefense, shaken])]) {
    const frozen = freezeDefense(defense, createRandom(5));
    const [one, two] = [1, 2].map((seed) => frozen.restore(images, createRandom(seed)));
    assertClose(await one, await two, 0);
    const noise = frozen.gradient!.draw!(images.shape, createRandom(3));
    assertClose(frozen.gradient!.apply(images, noise), await one, 0);
    const other = await freezeDefense(defense, createRandom(6)).restore(images, createRandom(1));
    assert.notDeepEqual(other.dataSync(), (await one).dataSync());
  }
});

Deno.test("freezeDefense leaves a defense without a gradient without one", async () => {
  const blunt = {
    name: "blunt",
    variables: [],
    random: true,
    restore: (images: tf.Tensor4D) => Promise.resolve(tf.round(images) as tf.Tensor4D),
  };
  const frozen = freezeDefense(blunt, createRandom(1));
  assert.deepEqual([frozen.gradient, frozen.random], [undefined, false]);
  assertClose(await frozen.restore(images, createRandom(1)), tf.round(images), 0);
});

Deno.test("freezeDefense says by its version that it gives other images", async () => {
  using shaken = await createDefense([{ name: "random-resize-pad" }]);
  assert.equal(freezeDefense(shaken, createRandom(1)).version, "random-resize-pad 1, frozen");
  const { version: _, ...unversioned } = shaken;
  assert.equal(freezeDefense(unversioned, createRandom(1)).version, "frozen");
});
