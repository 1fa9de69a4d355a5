/**
 * Networks that are written as TensorFlow.js models and read again as targets are.
 */
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { prepareOnnx, readTfjs, unsupportedNodes, writeModel } from "@realign/interop";
import assert from "node:assert/strict";
import { drawImages, freezeExported } from "./exported_networks.ts";

await useTestBackend();
const ignore = tf.getBackend() !== "tensorflow";

/** Of one the gradient through all of it is compared: others only take longer. */
const WITH_GRADIENT = "G, then a classifier";

Deno.test({
  name:
    "networks exported to TensorFlow.js and read again compute the same, with the same gradient",
  ignore,
  async fn(t) {
    using stack = new DisposableStack();
    for (const { name, size, compute, frozen } of freezeExported(stack)) {
      await t.step(name, async () => {
        const files = writeModel(frozen.graph, "tfjs");
        const model = await readTfjs(files.get("model.json")!, {
          origin: "model.json",
          readBeside: (path) => Promise.resolve(files.get(path)!),
        });
        assert.deepEqual(unsupportedNodes(model), []);
        using network = prepareOnnx(model);
        const last = (result: tf.Tensor) =>
          result.rank === 4 ? tf.transpose(result, [0, 2, 3, 1]) : result;
        tf.tidy(() => {
          const images = drawImages(2, size);
          const expected = compute(images);
          const results = network.run(images);
          assert.deepEqual([...results.keys()].sort(), Object.keys(expected).sort());
          for (const [name, result] of results) assertClose(last(result), expected[name], 1e-5);
          if (name !== WITH_GRADIENT) return;
          const gradient = (run: (x: tf.Tensor4D) => tf.Tensor) =>
            tf.grad((x) => tf.sum(tf.square(run(x as tf.Tensor4D))))(images);
          const own = gradient((x) => compute(x).logits);
          assertClose(gradient((x) => network.run(x).get("logits")!), own, 1e-4);
        });
      });
    }
  },
});
