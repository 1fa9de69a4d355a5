import assert from "node:assert/strict";
import { bpdaVictim, exactVictim, queryVictim } from "../attacks/mod.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyTask } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import {
  bicubicDefense,
  boundedNoiseDefense,
  composeDefenses,
  freezeDefense,
  gradientOf,
  quantizationDefense,
  randomResizePadDefense,
} from "./mod.ts";

await useTestBackend();

const task = createToyTask();
const own = task.createTarget("toy-net", createRandom(1));
/** The toy's network takes any size; this one says so, and resizes what it is given otherwise. */
const target = {
  ...own,
  forward: (images: tf.Tensor4D) => own.forward(tf.image.resizeBilinear(images, [4, 4])),
  unresized: (images: tf.Tensor4D) => own.forward(images),
};
const enlarging = randomResizePadDefense({ smallest: 1, perImage: true, mode: "enlarge" });
const bits = quantizationDefense(4);
const images = tf.tensor4d(createRandom(2).uniforms(2 * 8 * 8 * 3, 0, 1), [2, 8, 8, 3]);
const labels = tf.tensor1d([0, 1], "int32");
const stream = createRandom(3);

Deno.test("victims see enlarged images in their own size, exact, by BPDA and asked alone", async () => {
  const chain = composeDefenses([bits, enlarging]);
  for (
    const victim of [
      exactVictim({ task, target, defense: enlarging }),
      bpdaVictim({ task, target, defense: chain }),
    ]
  ) {
    const ask = (output: { logits: tf.Tensor2D }) => ({
      gains: [tf.sum(output.logits, 1) as tf.Tensor1D],
      read: tf.clone(output.logits),
    });
    using ascend = victim.ascend!(ask, "sum");
    const { read, gradients } = await ascend(images, labels, stream);
    assert.deepEqual(gradients[0].shape, images.shape);
    assert.ok(tf.max(tf.abs(gradients[0])).dataSync()[0] > 0);
    assert.deepEqual(read.shape, [2, 3]);
    tf.dispose([read, gradients]);
  }
  const victim = queryVictim({ task, target, defense: enlarging });
  using forward = victim.forward(({ logits }) => tf.clone(logits), "logits");
  const restored = await enlarging.restore(images, stream.fork("defense"));
  assert.deepEqual(restored.shape, [2, 9, 9, 3]);
  assertClose(await forward(images, labels, stream), own.forward(restored).logits, 1e-5);
  await assertNoLeak(async () => tf.dispose(await forward(images, labels, stream)));
});

Deno.test("a random part draws for the images that it is given, behind one that changes their size", async () => {
  using doubling = bicubicDefense("double");
  using noisy = boundedNoiseDefense({ deviation: 0.1, radius: 0.2 });
  for (const chain of [[enlarging, noisy], [doubling, noisy], [doubling, enlarging, noisy]]) {
    const defense = composeDefenses(chain);
    const { gradient } = defense;
    const restored = await defense.restore(images, stream.fork("chain"));
    const noise = gradient!.draw!(images.shape, stream.fork("chain"));
    assert.deepEqual(gradient!.shapeOf!(images.shape), restored.shape);
    assertClose(gradient!.apply(images, noise), restored, 1e-6);
    const kept = composeDefenses([freezeDefense(defense, stream), bits]);
    assert.deepEqual(gradientOf(kept).shapeOf!(images.shape), restored.shape);
  }
});

Deno.test("a target of one size is not put behind a defense that changes it", () => {
  const refused = /Cannot put "toy-net" behind "random-resize-pad" as .* one size only/;
  for (const victim of [exactVictim, queryVictim, bpdaVictim]) {
    assert.throws(() => victim({ task, target: own, defense: enlarging }), refused);
  }
});
