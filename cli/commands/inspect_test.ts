import { ONNX } from "@realign/interop";
import { writeMessage } from "@realign/interop/wire";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../testing.ts";

/** A classifier whose weights lie in `location`. */
function model(location: string): Uint8Array {
  const shape = { dims: [{ name: "N" }, { size: 3 }, { size: 8 }, { size: 8 }] };
  return writeMessage(ONNX, "Model", {
    producer: "somebody",
    opsets: [{ version: 17 }],
    metadata: [{ key: "licence", value: "MIT" }],
    graph: {
      nodes: [
        { operator: "GlobalAveragePool", inputs: ["images"], outputs: ["pooled"] },
        { operator: "Flatten", inputs: ["pooled"], outputs: ["flat"] },
        { operator: "Gemm", inputs: ["flat", "w"], outputs: ["scores"] },
        { operator: "NonZero", name: "where", inputs: ["scores"], outputs: ["found"] },
      ],
      initializers: [{
        name: "w",
        dims: [3, 2],
        type: 1,
        location: 1,
        external: [{ key: "location", value: location }],
      }],
      inputs: [{ name: "images", type: { tensor: { type: 1, shape } } }],
      outputs: [{ name: "scores" }, { name: "found" }],
    },
  });
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(join(folder, "m.data"), new Uint8Array(24));
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("inspect tells what an ONNX file holds, what is not here, and an adapter", () =>
  inFolder(async (folder) => {
    const file = join(folder, "m.onnx");
    await Deno.writeFile(file, model("m.data"));
    const { code, out } = await runHere(["inspect", file]);
    assert.equal(code, 0);
    assert.match(out, /m\.onnx: opset 17, 6 numbers in weights, by somebody\n/);
    assert.match(out, /input +images +float32 +\[N, 3, 8, 8\]\n/);
    assert.match(out, /Operators: 1 Flatten, 1 Gemm, 1 GlobalAveragePool, 1 NonZero\n/);
    assert.match(out, /Not here:\n {2}NonZero "where" \(opset 17\) is not here\n/);
    assert.match(out, /logits: scores, 2 classes\n {2}features: flat, 3 numbers\n/);
    assert.match(out, /layout: nchw\n {2}size: 8x8\n {2}to be told: mean and standard deviation/);
    const json = JSON.parse((await runHere(["inspect", file, "--json"])).out);
    assert.deepEqual(json.adapter, {
      logits: "scores",
      features: "flat",
      classes: 2,
      featureLength: 3,
      layout: "nchw",
      size: [8, 8],
    });
    assert.deepEqual(json.unsupported, [{ operator: "NonZero", node: "where", opset: 17 }]);
    assert.deepEqual(json.metadata, { licence: "MIT" });
  }));

Deno.test("inspect tells what a TensorFlow.js model holds, and that a softmax ends it", () =>
  inFolder(async (folder) => {
    const layers = [
      {
        class_name: "GlobalAveragePooling2D",
        config: { name: "pooled", batch_input_shape: [null, 8, 8, 3] },
      },
      { class_name: "Dense", config: { name: "classes", activation: "softmax" } },
    ];
    const weights = [
      { name: "classes/kernel", shape: [3, 1], dtype: "float32" },
      { name: "classes/bias", shape: [1], dtype: "float32" },
      { name: "unused", shape: [2], dtype: "float32" },
    ];
    const file = join(folder, "model.json");
    const modelTopology = { class_name: "Sequential", config: { layers } };
    const weightsManifest = [{ paths: ["m.data"], weights }];
    await Deno.writeTextFile(file, JSON.stringify({ modelTopology, weightsManifest }));
    const { code, out } = await runHere(["inspect", file]);
    assert.equal(code, 0);
    assert.match(out, /by TensorFlow.js layers model\n/);
    assert.match(out, /logits: classes\/BiasAdd, 1 classes\n {2}probabilities: classes, a softmax/);
    assert.match(out, /features: pooled, 3 numbers\n {2}layout: nhwc\n {2}size: 8x8\n/);
    await Deno.remove(join(folder, "m.data"));
    await Deno.symlink("/etc/hostname", join(folder, "m.data"));
    const refused = await runHere(["inspect", file]);
    assert.match(
      refused.error,
      /its shard "m.data" must lie in the model's folder: m.data is a link out of it/,
    );
  }));

Deno.test("inspect refuses what it cannot read in one line", () =>
  inFolder(async (folder) => {
    const file = join(folder, "m.onnx");
    const failure = async (bytes: Uint8Array) => {
      await Deno.writeFile(file, bytes);
      const { code, error } = await runHere(["inspect", file]);
      assert.equal(code, 1);
      assert.match(error, /^error: [^\n]+\n?$/);
      return error;
    };
    assert.match(await failure(model("other.data")), /Cannot read the weights .*other\.data: /);
    assert.match(await failure(model("../m.data")), /"w" must lie in the model's folder/);
    assert.match(await failure(new Uint8Array(9).fill(255)), /Cannot read .*m\.onnx as /);
    await Deno.symlink("/etc/hostname", join(folder, "link.data"));
    assert.match(await failure(model("link.data")), /link\.data is a link out of it/);
    const { error } = await runHere(["inspect", join(folder, "none.onnx")]);
    assert.match(error, /Cannot read the model .*none\.onnx/);
  }));
