import { createRandom } from "@realign/core";
import * as tf from "@realign/core/tf";
import { useTestBackend } from "@realign/core/testing";
import { freezeFunction, ONNX, openModel, writeModel } from "@realign/interop";
import { readMessage, writeMessage } from "@realign/interop/wire";
import assert from "node:assert/strict";
import { compareExport } from "./compare_export.ts";
import type { AnyDataset } from "./open_split.ts";

await useTestBackend();

const size = [6, 5] as const;

/** Two pictures of noise. */
const dataset: AnyDataset = {
  name: "noise",
  split: "test",
  digest: "noise",
  notes: [],
  length: 2,
  size,
  classNames: ["a"],
  read: (index: number) => {
    const drawn = createRandom(1).fork("picture", index).uniforms(90, 0, 255);
    const pixels = Uint8Array.from(drawn);
    return Promise.resolve({ id: "", picture: { height: 6, width: 5, pixels }, annotation: 0 });
  },
};

/** The file with a weight that is another. */
function changed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const model = readMessage(ONNX, "Model", bytes, "model.onnx");
  const initializers = model.graph!.initializers!.map((tensor) => {
    if (tensor.type !== 1) return tensor;
    const weights = new Float32Array(tensor.raw!.slice().buffer);
    weights[0] += 0.1;
    return { ...tensor, raw: new Uint8Array(weights.buffer) };
  });
  return writeMessage(ONNX, "Model", { ...model, graph: { ...model.graph, initializers } });
}

Deno.test({
  name: "compareExport() tells how far an ONNX model is off, and refuses one of other weights",
  ignore: tf.getBackend() !== "tensorflow",
  async fn() {
    const filter = tf.tensor4d(createRandom(1).uniforms(24, -1, 1), [2, 2, 3, 2]);
    const compute = (images: tf.Tensor4D) => ({ edges: tf.conv2d(images, filter, 1, "same") });
    for (const layout of ["nhwc", "nchw"] as const) {
      const frozen = freezeFunction(compute, { size, layout });
      const files = writeModel(frozen.graph, "onnx");
      const before = tf.memory().numTensors;
      {
        using model = await openModel(files, "onnx");
        const { batches, differences } = await compareExport(model!, frozen, dataset, size);
        assert.deepEqual(batches, [2, 3]);
        assert.ok(differences.edges < 1e-5, String(differences.edges));
      }
      {
        const other = new Map([["model.onnx", changed(files.get("model.onnx")!)]]);
        using model = await openModel(other, "onnx");
        await assert.rejects(
          compareExport(model!, frozen, dataset, size),
          /^Error: Cannot export the model as it computes something else .*: edges differs by 0\.\d+ on 2 images$/,
        );
      }
      assert.equal(tf.memory().numTensors, before);
    }
    filter.dispose();
  },
});
