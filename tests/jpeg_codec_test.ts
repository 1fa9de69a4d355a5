/** The differentiable JPEG beside the codec that it stands for. */
import { createRandom, imagesOf, type Picture } from "@realign/core";
import { bpdaVictim, createAttack } from "@realign/core/attacks";
import { jpegDefense, type JpegStandIn, softJpeg } from "@realign/core/defenses";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { jpegRoundTrip } from "@realign/datasets";
import assert from "node:assert/strict";
import { createToyTask } from "../core/testing/toy_task.ts";

await useTestBackend();

/** Slanted waves, of each colour its own. */
function drawn(height: number, width: number, phase = 0): Picture {
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, at) => {
    const [colour, x, y] = [at % 3, Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    return 128 + 50 * Math.sin(x / (4 + colour) + y / (7 + phase) + colour + phase) +
      40 * Math.cos(y / (5 - 0.7 * colour) - x / 9 + 1.7 * phase);
  });
  return { height, width, pixels };
}

const levels = (one: tf.Tensor, other: tf.Tensor) =>
  255 * tf.mean(tf.abs(tf.sub(one, other))).dataSync()[0];

Deno.test("softJpeg is near the codec at every quality, odd sizes as well", async () => {
  // A side of 24 is whole blocks of brightness, but not of colour.
  for (const [height, width] of [[32, 32], [24, 40], [29, 37]]) {
    const pictures = [0, 1, 2, 3].map((phase) => drawn(height, width, phase));
    const images = imagesOf(pictures);
    for (const quality of [20, 50, 75, 95]) {
      const trips = pictures.map((picture) => jpegRoundTrip(picture, quality));
      const real = imagesOf(await Promise.all(trips));
      const apart = levels(softJpeg(images, quality), real);
      const loss = levels(images, real);
      assert.ok(apart < 1.7 && apart < 0.6 * loss, `${quality}: ${apart} levels, codec ${loss}`);
    }
  }
});

Deno.test("an attack through the codec gains more by the soft JPEG than by the identity", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(1));
  const images = imagesOf([drawn(16, 16), drawn(16, 16), drawn(16, 16)]);
  const labels = tf.tensor1d([0, 1, 2], "int32");
  const lossBy = async (standIn: JpegStandIn) => {
    const defense = jpegDefense(jpegRoundTrip, 30, standIn);
    using attack = createAttack(
      { name: "pgd", epsilon: 6 / 255, steps: 20 },
      bpdaVictim({ task, target, defense }),
    );
    const adversarial = await attack.perturb(images, labels, createRandom(2));
    const { logits } = target.forward(await defense.restore(adversarial, createRandom(3)));
    return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits).dataSync()[0];
  };
  const [soft, identity] = [await lossBy("soft"), await lossBy("identity")];
  assert.ok(soft > identity, `${soft} by the soft JPEG, ${identity} by the identity`);
});
