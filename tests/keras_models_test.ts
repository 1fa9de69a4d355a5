/**
 * MobileNetV2 of Keras, as a TensorFlow.js model of layers and as a frozen graph, against Keras
 * itself: probabilities, and the gradient of their logarithm.
 */
import { createRandom } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { prepareOnnx, readTfjs, suggestAdapter } from "@realign/interop";
import assert from "node:assert/strict";
import { join } from "node:path";
import { distances } from "./distances.ts";
import { askPeer, needing } from "./peer.ts";

await useTestBackend();
const size = [32, 32] as const;

interface Answer {
  readonly probabilities: number[];
  readonly gradient: number[];
}

Deno.test({
  ...await needing(
    ["keras", "tensorflow"],
    "MobileNetV2 of Keras as both kinds of TensorFlow.js models",
  ),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const values = createRandom(1, "images").uniforms(2 * size[0] * size[1] * 3, -1, 1);
      const images = tf.tensor4d(values, [2, ...size, 3]);
      const request = { folder, size, images: Array.from(values) };
      const expected = await askPeer<Answer>("keras_models.py", request);
      for (const kind of ["layers", "graph"]) {
        const path = join(folder, kind);
        const model = await readTfjs(await Deno.readFile(join(path, "model.json")), {
          origin: `${kind}/model.json`,
          readBeside: (location) => Deno.readFile(join(path, location)),
        });
        const { logits, probabilities, classes, featureLength } = suggestAdapter(model);
        assert.deepEqual([classes, featureLength], [7, 1280], kind);
        using network = prepareOnnx(model, { outputs: [logits, probabilities!] });
        tf.tidy(() => {
          const outputs = network.run(images);
          assertClose(outputs.get(probabilities!)!, expected.probabilities, 1e-5);
          const gradient = tf.grad((x) =>
            tf.sum(
              tf.slice(tf.logSoftmax(network.run(x as tf.Tensor4D).get(logits)!), [0, 3], [2, 1]),
            )
          )(images);
          const apart = distances(gradient.dataSync(), expected.gradient).l2;
          assert.ok(apart < 5e-3, `${kind}: the gradients are ${apart} apart`);
        });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
