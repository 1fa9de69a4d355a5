/**
 * Networks written in other formats, run by the systems that the formats are of: onnxruntime, TensorFlow's Python and
 * PyTorch.
 */
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { type ModelFormatName, writeModel } from "@realign/interop";
import assert from "node:assert/strict";
import { join } from "node:path";
import { drawImages, type ExportedCase, freezeExported } from "./exported_networks.ts";
import { askPeer, needing } from "./peer.ts";

await useTestBackend();

interface Answer {
  readonly error?: string;
  readonly results?: readonly Record<string, { shape: number[]; values: number[] }>[];
}

/** Batch sizes that every model is run at. */
const BATCHES = [1, 3];

/** Runs all networks elsewhere and fails unless they give what they give here. */
async function compareWith(format: ModelFormatName, file: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  using stack = new DisposableStack();
  try {
    const cases = freezeExported(stack);
    const asked = await Promise.all(cases.map(async ({ frozen, size }, index) => {
      const own = join(folder, String(index));
      await Deno.mkdir(own);
      for (const [name, bytes] of writeModel(frozen.graph, format)) {
        await Deno.writeFile(join(own, name), bytes);
      }
      const images = BATCHES.map((count) =>
        tf.tidy(() => {
          const drawn = drawImages(count, size);
          return { shape: drawn.shape, values: [...drawn.dataSync()] };
        })
      );
      return { path: join(own, file), images };
    }));
    const answers = await askPeer<Answer[]>("exported_models.py", { format, cases: asked });
    const failed = answers.map(({ error }, k) => error && `${cases[k].name}: ${error}`);
    assert.deepEqual(failed.filter(Boolean), []);
    cases.forEach((one, k) => compare(one, answers[k]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function compare({ compute, size, name }: ExportedCase, { results }: Answer): void {
  for (const [k, count] of BATCHES.entries()) {
    tf.tidy(() => {
      const expected = Object.entries(compute(drawImages(count, size)));
      assert.deepEqual(Object.keys(results![k]).sort(), expected.map(([name]) => name).sort());
      for (const [output, tensor] of expected) {
        const { shape, values } = results![k][output];
        assert.deepEqual(shape, tensor.shape, `${name}: ${output}`);
        assertClose(values, tensor, 1e-4);
      }
    });
  }
}

const isRecorded = tf.getBackend() === "tensorflow";

const inOnnx = await needing(["onnx", "onnxruntime"], "onnxruntime gives the same");
Deno.test({
  ...inOnnx,
  ignore: inOnnx.ignore || !isRecorded,
  fn: () => compareWith("onnx", "model.onnx"),
});

const inTensorflow = await needing(["tensorflow"], "TensorFlow gives the same of a SavedModel");
Deno.test({
  ...inTensorflow,
  ignore: inTensorflow.ignore || !isRecorded,
  fn: () => compareWith("tensorflow", "."),
});

const inTorch = await needing(["torch", "numpy"], "PyTorch gives the same of a module");
Deno.test({
  ...inTorch,
  ignore: inTorch.ignore || !isRecorded,
  fn: () => compareWith("torch", "realign_model.py"),
});
