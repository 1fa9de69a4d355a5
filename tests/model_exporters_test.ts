/**
 * A classifier of PyTorch as a target: both exporters, and other weights of it by their names.
 */
import classification from "@realign/classification";
import { createRandom, type Preset } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { join } from "node:path";
import { openModels } from "../cli/stages/model_files.ts";
import { createModel, loadFile, tasksOf } from "../cli/stages/target_models.ts";
import { askPeer, needing } from "./peer.ts";
import { withFolder } from "../cli/testing_folder.ts";

Deno.test({
  ...await needing(
    ["torch", "onnx", "onnxscript", "safetensors"],
    "exports of PyTorch give PyTorch's logits, with other weights of the same names too",
  ),
  fn: () =>
    withFolder(async (folder) => {
      await useTestBackend();
      const pixels = createRandom(1).uniforms(2 * 16 * 16 * 3, 0, 1);
      const request = { folder, images: [...pixels] };
      const [first, second] = await askPeer<number[][]>("model_target.py", request);
      const images = tf.tensor4d(pixels, [2, 16, 16, 3]);
      const own = classification.presets["cls-shapes"];
      for (const name of ["old.onnx", "new.onnx"]) {
        const target: Preset["target"] = {
          ...own.target,
          architecture: join(folder, name),
          size: [16, 16],
        };
        const { preset, models } = await openModels({ ...own, target }, classification);
        assert.equal(preset.target.architecture, name);
        const createTask = tasksOf(classification, [..."abcdefgh"], models);
        using made = createModel(preset, createTask(preset), createRandom(1));
        const logits = () => tf.tidy(() => made.forward(images).logits.dataSync());
        assertClose(logits(), first, 1e-4);
        await loadFile(made, join(folder, "second.safetensors"));
        assertClose(logits(), second, 1e-4);
      }
    }),
});
