import assert from "node:assert/strict";
import type { Attack } from "../attacks/attack.ts";
import type { Batch } from "../dataset.ts";
import { useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { atShare, rampedSource, shareAt } from "./ramped.ts";

await useTestBackend();

Deno.test("atShare scales the radius and every step size that is set, those of members too", () => {
  const settings = {
    name: "mixture",
    epsilon: 0.5,
    members: [{ name: "pgd", stepSize: 0.25, steps: 2 }, { name: "fgsm" }],
  };
  assert.deepEqual(atShare(settings, 0.5), {
    name: "mixture",
    epsilon: 0.25,
    members: [{ name: "pgd", stepSize: 0.125, steps: 2 }, { name: "fgsm" }],
  });
});

Deno.test("shareAt grows to exactly 1 at the ramp's end and never falls", () => {
  for (const steps of [1, 3, 7, 40, 1001]) {
    let before = 0;
    for (let step = 0; step < steps; step++) {
      const share = shareAt(step, steps);
      assert.ok(share >= before && share > 0 && share <= 1, `${share} at ${step} of ${steps}`);
      before = share;
    }
    assert.equal(shareAt(steps, steps), 1);
  }
});

Deno.test("rampedSource makes an attack for each radius once, and disposes it after its last step", async () => {
  const [made, gone]: number[][] = [[], []];
  const create = (share: number) => {
    made.push(share);
    return {
      perturb: (images: tf.Tensor4D) => Promise.resolve(tf.clone(images)),
      [Symbol.dispose]: () => gone.push(share),
    } as unknown as Attack<tf.Tensor1D>;
  };
  const images = tf.zeros([1, 1, 1, 3]) as tf.Tensor4D;
  const batch = { images, labels: tf.tensor1d([0]) } as Batch<tf.Tensor1D>;
  {
    using source = rampedSource(create, 1, 4);
    for (const step of [0, 1, 2, 3, 4, 5]) (await source.next(batch, step)).adversarial.dispose();
    assert.deepEqual(made, [0.1, 0.3, 0.6, 0.8, 1]);
    assert.deepEqual(gone, [0.1, 0.3, 0.6, 0.8]);
  }
  assert.deepEqual(gone, made);
  tf.dispose([images, batch.labels]);
});
