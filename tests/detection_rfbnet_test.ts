/**
 * RFBNet300 against PyTorch's functions on the same weights and images.
 */
import { createRandom, formatSafetensors } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { createDetector } from "@realign/detection";
import assert from "node:assert/strict";
import { join } from "node:path";
import { askPeer, needing } from "./peer.ts";

/** What PyTorch gives. */
interface Theirs {
  readonly logits: readonly number[];
  readonly offsets: readonly number[];
  readonly unused: readonly string[];
}

/** VGG's mean of red, green and blue, of 255. */
const MEAN = [123, 117, 104];

Deno.test({
  ...await needing(["torch"], "rfb300-vgg16 gives what PyTorch gives of the same weights"),
  async fn() {
    await useTestBackend();
    using model = createDetector("rfb300-vgg16-w0.125", 3, createRandom(1));
    const images = tf.tensor4d(createRandom(2).uniforms(2 * 300 * 300 * 3, 0, 1), [2, 300, 300, 3]);
    // Moves the norms' statistics away from 0 and 1.
    tf.dispose(tf.tidy(() => model.forward(images, "training")));
    const prepared = tf.tidy(() => tf.reverse(tf.sub(tf.mul(images, 255), MEAN), 3));
    const folder = await Deno.makeTempDir();
    try {
      const weights = join(folder, "weights.safetensors");
      await Deno.writeFile(weights, formatSafetensors(await model.parameters.export(), {}));
      const theirs = await askPeer<Theirs>("rfbnet.py", {
        weights,
        images: { shape: prepared.shape, values: Array.from(prepared.dataSync()) },
      });
      const { logits, offsets } = tf.tidy(() => model.forward(images));
      assert.deepEqual(theirs.unused, []);
      assertClose(logits, theirs.logits, 1e-4);
      assertClose(offsets, theirs.offsets, 1e-4);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
