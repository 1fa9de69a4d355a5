/**
 * Segmentation networks against PyTorch on the same weights: torchvision's deeplabv3_resnet50, and a
 * PSPNet and a DeepLabv3 whose weights have semseg's names.
 */
import { createRandom, loadWeights } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { createSegmenter } from "@realign/segmentation";
import assert from "node:assert/strict";
import { join } from "node:path";
import { askPeer, needing } from "./peer.ts";

type Answer = Readonly<Record<"logits" | "gradient" | "training" | "auxiliary", number[]>>;

/** Fails if a number differs by more than a share of the greatest. */
function assertAgree(
  actual: tf.Tensor,
  expected: readonly number[],
  what: string,
  tolerance = 1e-4,
): void {
  const values = actual.dataSync();
  assert.equal(values.length, expected.length, what);
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const worst = expected.reduce(
    (largest, value, index) => Math.max(largest, Math.abs(value - values[index])),
    0,
  );
  assert.ok(worst <= tolerance * scale, `${what} differ by ${worst}, the greatest is ${scale}`);
}

const classCount = 5;
const cases = [
  { architecture: "deeplabv3-resnet50", size: [48, 65] },
  { architecture: "pspnet-resnet50-w0.25", size: [65, 57] },
  { architecture: "pspnet-resnet18-w0.5", size: [64, 40] },
  { architecture: "deeplabv3-resnet50-semseg-w0.25", size: [65, 57] },
] as const;

for (const { architecture, size: [height, width] } of cases) {
  Deno.test({
    ...await needing(
      ["torchvision"],
      `${architecture} agrees with PyTorch's at ${height}x${width}`,
    ),
    async fn() {
      await useTestBackend();
      const folder = await Deno.makeTempDir();
      try {
        // Of a seed under which no unit lies within rounding of its ReLU's corner: there gradients jump.
        const random = createRandom(3, architecture);
        const shape: [number, number, number, number] = [2, height, width, 3];
        const images = tf.tensor4d(random.uniforms(2 * height * width * 3, 0, 1), shape);
        const weights = random.uniforms(2 * height * width * classCount, -1, 1);
        const path = join(folder, "weights.safetensors");
        const peer = await askPeer<Answer>("segmentation_networks.py", {
          architecture,
          classes: classCount,
          images: { shape, values: [...images.dataSync()] },
          weights: [...weights],
          path,
        });
        using segmenter = createSegmenter(
          architecture,
          classCount,
          [height, width],
          createRandom(1),
        );
        loadWeights(segmenter, await Deno.readFile(path), path);
        assertAgree(segmenter.forward(images).logits, peer.logits, "logits");
        const weighted = (pixels: tf.Tensor) => {
          const { logits } = segmenter.forward(pixels as tf.Tensor4D);
          return tf.sum(tf.mul(logits, tf.tensor(weights, logits.shape)));
        };
        assertAgree(tf.grad(weighted)(images), peer.gradient, "gradients");
        const { logits, auxiliary } = segmenter.forward(images, "training");
        assertAgree(logits, peer.training, "logits in training", 1e-3);
        assertAgree(auxiliary!, peer.auxiliary, "auxiliary logits", 1e-3);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
