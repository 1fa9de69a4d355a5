/**
 * Networks of torchvision, exported by both of PyTorch's exporters and run by `@realign/interop`, against PyTorch:
 * outputs, and input gradients in float64. Gradients by their relative L2 distance: in float32 single pixels fall on the
 * other side of a ReLU's corner, in PyTorch's own too.
 */
import { parseSafetensors } from "@realign/core";
import { record } from "@realign/core/backend";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { prepareOnnx, readOnnx } from "@realign/interop";
import assert from "node:assert/strict";
import { join } from "node:path";
import { distances } from "./distances.ts";
import { askPeer, needing } from "./peer.ts";

/** Heights and widths of their images, at which no unit lies within rounding of its ReLU's corner: there gradients jump. */
const sizes = {
  resnet: 64,
  resnext: 64,
  mobilenet_v3: 64,
  efficientnet: 64,
  densenet: 64,
  shufflenet: 64,
  squeezenet: 64,
  convnext: 64,
  vit: 64,
  swin: 64,
  deeplabv3: 65,
  fcn: 40,
  lraspp: 72,
  ssdlite: 96,
  retinanet: 64,
};

/** Fails unless a network of a folder gives PyTorch's outputs, and its gradient as well as PyTorch's own float32. */
async function assertAgrees(folder: string, network: string, own: number, isFree: boolean) {
  const path = join(folder, network);
  const { tensors } = parseSafetensors(await Deno.readFile(`${path}.safetensors`), path);
  const tensorOf = (name: string) => {
    const { data, shape } = tensors.get(name)!;
    return tf.tensor(data, [...shape]);
  };
  const model = await readOnnx(await Deno.readFile(`${path}.onnx`), {
    origin: `${network}.onnx`,
    readBeside: (location) => Deno.readFile(join(folder, location)),
  });
  using prepared = prepareOnnx(model);
  const weights = tensorOf("weights");
  using step = record(({ images }: { images: tf.Tensor4D }) => {
    const first = (x: tf.Tensor) => [...prepared.run(x as tf.Tensor4D).values()][0];
    const gradient = tf.grad((x) => tf.sum(tf.mul(first(x), weights)))(images);
    return { outputs: [...prepared.run(images).values()], gradient };
  }, { name: network });
  const images = tf.transpose(tensorOf("images"), [0, 2, 3, 1]) as tf.Tensor4D;
  const { outputs, gradient } = step({ images });
  outputs.forEach((output, index) => {
    const expected = tensors.get(`output${index}`)!;
    assert.deepEqual(output.shape, expected.shape);
    const { worst } = distances(output.dataSync(), expected.data);
    assert.ok(worst < 1e-4, `output ${index} differs by ${worst}`);
  });
  const turned = tf.transpose(gradient, [0, 3, 1, 2]).dataSync();
  const { l2 } = distances(turned, tensors.get("gradient")!.data);
  assert.ok(l2 < Math.max(1e-4, 4 * own), `gradient differs by ${l2}, PyTorch's by ${own}`);
  if (!isFree) return;
  const one: tf.Tensor = prepared.run(tf.slice(images, 0, 1)).values().next().value!;
  const expected = tensors.get("output0")!.data.subarray(0, one.size);
  assert.ok(distances(one.dataSync(), expected).worst < 1e-4, "a batch of one differs");
}

const networks = Object.keys(sizes) as (keyof typeof sizes)[];

const exporters = [
  { title: "the older exporter", dynamo: false, needs: ["torchvision", "onnx"], networks },
  {
    title: "the dynamo exporter",
    dynamo: true,
    needs: ["torchvision", "onnx", "onnxscript"],
    // It takes many seconds for each.
    networks: networks.filter((name) =>
      /^(resnet|efficientnet|convnext|vit|swin|ssdlite)$/.test(name)
    ),
  },
];

for (const { title, dynamo, needs, networks } of exporters) {
  Deno.test({
    ...await needing(needs, `networks of torchvision by ${title} run as in PyTorch`),
    async fn(test) {
      await useTestBackend();
      const folder = await Deno.makeTempDir();
      try {
        const wanted = Object.fromEntries(networks.map((name) => [name, sizes[name]]));
        const request = { folder, sizes: wanted, dynamo, opset: 17 };
        const own = await askPeer<Record<string, number>>("onnx_exports.py", request);
        for (const network of networks) {
          await test.step(network, () => assertAgrees(folder, network, own[network], !dynamo));
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
