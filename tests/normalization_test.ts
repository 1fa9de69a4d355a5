import { createRandom, type Plugin } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import classification from "@realign/classification";
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";

const cases: readonly [Plugin, string, string, number][] = [
  [classification, "cls-shapes", "resnet20", 32],
  [classification, "cls-shapes", "wrn-10-1", 32],
  [segmentation, "seg-shapes", "pspnet-resnet18-w0.1", 33],
  [detection, "det-shapes", "ssd64-vgg16-bn-w0.0625", 64],
  [detection, "det-shapes", "rfb300-vgg16-w0.0625", 300],
];
const numbers = { mean: [0.1, 0.2, 0.3], deviation: [0.5, 0.25, 2] } as const;

for (const [plugin, name, architecture, side] of cases) {
  Deno.test(`target.normalization takes the place of that of ${architecture}`, async () => {
    await useTestBackend();
    const preset = plugin.presets[name];
    const open = (mean: readonly number[], deviation: readonly number[]) => {
      const [a, b, c] = mean, [d, e, f] = deviation;
      const normalization = { mean: [a, b, c], deviation: [d, e, f] } as const;
      const target = { ...preset.target, architecture, size: [side, side], normalization } as const;
      const task = plugin.createTask({ ...preset, target }, ["a", "b", "c"]);
      return task.createTarget(architecture, createRandom(3));
    };
    using told = open(numbers.mean, numbers.deviation);
    using plain = open([0, 0, 0], [1, 1, 1]);
    const images = tf.randomUniform<tf.Rank.R4>([1, side, side, 3], 0, 1, "float32", 1);
    const normalized = tf.div(tf.sub(images, [...numbers.mean]), [...numbers.deviation]);
    const [one, other] = [told.forward(images), plain.forward(normalized as tf.Tensor4D)]
      .map((output) => (output as { logits: tf.Tensor }).logits);
    assertClose(one, other, 1e-4);
    tf.dispose([one, other, images, normalized]);
  });
}
