/**
 * Segmenters and detectors of torchvision as targets, exported by both of PyTorch's exporters, against PyTorch: logits,
 * features and boxes; input gradients in float64, by their relative L2 distance (in float32 single pixels fall on the
 * other side of a ReLU's corner, in PyTorch's own too: up to four times that is allowed). The large ones are run
 * where REALIGN_LARGE is set.
 */
import { IMAGENET, parseSafetensors } from "@realign/core";
import { record } from "@realign/core/backend";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import {
  createOnnxDetector,
  type OnnxDetectorOptions,
  type PostProcessing,
} from "@realign/detection";
import { type OnnxModel, readOnnx } from "@realign/interop";
import { createOnnxSegmenter } from "@realign/segmentation";
import assert from "node:assert/strict";
import { join } from "node:path";
import { toCorners } from "../plugins/detection/boxes.ts";
import { readDetections } from "../plugins/detection/read_detections.ts";
import { distances } from "./distances.ts";
import { askPeer, needing } from "./peer.ts";

const heads = { scores: "scores", boxes: "boxes" };
/** Of those that are detectors, what their files do not say. */
const DETECTORS: Readonly<Record<string, OnnxDetectorOptions>> = {
  ssd300_vgg16: {
    ...heads,
    anchors: "ssd300-vgg16",
    normalization: { mean: [0.48235, 0.45882, 0.40784], deviation: Array(3).fill(1 / 255) },
  },
  ssdlite320_mobilenet_v3_large: {
    ...heads,
    anchors: "ssdlite320-mobilenet-v3-large",
    normalization: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
  },
  retinanet_resnet50_fpn: {
    ...heads,
    anchors: "retinanet-resnet50-fpn",
    activation: "sigmoid",
    variances: "1,1",
    normalization: IMAGENET,
  },
};
/** How torchvision picks their boxes. Fresh heads of the SSDs give all cells the same score, so that rounding picks. */
const PICKED: Readonly<Record<string, PostProcessing>> = {
  retinanet_resnet50_fpn: { candidates: 10_000, overlap: 0.5, detections: 300 },
};

/** Heights and widths of their images: the least, at which no unit lies within rounding of its ReLU's corner. */
const SMALL = {
  lraspp_mobilenet_v3_large: 72,
  ssdlite320_mobilenet_v3_large: 320,
  retinanet_resnet50_fpn: 64,
};
const LARGE = { deeplabv3_resnet50: 65, fcn_resnet50: 40, ssd300_vgg16: 300 };

function assertNear(actual: tf.Tensor, expected: tf.Tensor, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  const { worst } = distances(actual.dataSync(), expected.dataSync());
  assert.ok(worst < 1e-4, `${what} differ by ${worst}`);
}

const channelsLast = (map: tf.Tensor) => tf.transpose(map, [0, 2, 3, 1]) as tf.Tensor4D;

type Theirs = (name: string) => tf.Tensor;

/** Runs a step that is recorded, and compares its gradient. */
function assertGradientNear(
  weighted: (images: tf.Tensor4D) => tf.Tensor,
  images: tf.Tensor4D,
  theirs: Theirs,
  own: number,
): void {
  using step = record(
    ({ images }: { images: tf.Tensor4D }) => tf.grad((x) => weighted(x as tf.Tensor4D))(images),
    { name: "gradient" },
  );
  const turned = tf.transpose(step({ images }), [0, 3, 1, 2]);
  const { l2 } = distances(turned.dataSync(), theirs("gradient").dataSync());
  assert.ok(l2 < Math.max(1e-4, 4 * own), `gradient differs by ${l2}, PyTorch's by ${own}`);
}

function checkSegmenter(model: OnnxModel, images: tf.Tensor4D, theirs: Theirs, own: number): void {
  const [height, width] = images.shape.slice(1, 3);
  using segmenter = createOnnxSegmenter(model, {
    normalization: IMAGENET,
    size: [height!, width!],
    logits: "out",
  });
  const { logits, features } = segmenter.forward(images);
  assertNear(logits, channelsLast(theirs("out")), "logits");
  assertNear(features, channelsLast(theirs("features")), "features");
  const weights = channelsLast(theirs("weights0"));
  const weighted = (x: tf.Tensor4D) => tf.sum(tf.mul(segmenter.forward(x).logits, weights));
  assertGradientNear(weighted, images, theirs, own);
}

async function checkDetector(
  name: string,
  model: OnnxModel,
  images: tf.Tensor4D,
  theirs: Theirs,
  own: number,
): Promise<void> {
  const [height, width] = images.shape.slice(1, 3) as [number, number];
  const { variances } = DETECTORS[name];
  using detector = createOnnxDetector(model, { ...DETECTORS[name], size: [height, width] });
  const output = detector.forward(images);
  const scaled = tf.tensor1d(variances === "1,1" ? [10, 10, 5, 5] : [1, 1, 1, 1]);
  const shift = output.scores ? 1 : 0;
  const logitsOf = (logits: tf.Tensor3D) => tf.slice(logits, [0, 0, shift], [-1, -1, -1]);
  assertNear(logitsOf(output.logits), theirs("scores"), "logits");
  assertNear(tf.div(output.offsets, scaled), theirs("boxes"), "offsets");
  assertNear(output.features, channelsLast(theirs("features")), "features");
  const corners = tf.mul(
    toCorners(output.priors),
    tf.tensor1d([width, height, width, height]),
  );
  assertNear(corners, tf.expandDims(theirs("anchors"), 0), "priors");
  const [logitWeights, boxWeights] = [theirs("weights0"), theirs("weights1")];
  const weighted = (x: tf.Tensor4D) => {
    const { logits, offsets } = detector.forward(x);
    return tf.add(
      tf.sum(tf.mul(logitsOf(logits), logitWeights)),
      tf.sum(tf.mul(tf.div(offsets, scaled), boxWeights)),
    );
  };
  assertGradientNear(weighted, images, theirs, own);
  if (!(name in PICKED)) return;
  const [found] = await readDetections(output, 1, { threshold: 0.3, ...PICKED[name] });
  const [boxes, sure, classes] = ["found", "sure", "classes"].map((name) =>
    theirs(name).dataSync()
  );
  assert.ok(sure.length > 20, `${sure.length} boxes are too few to compare`);
  // Those of which a score or an overlap is within rounding of a limit may differ.
  const unlike = found.filter(({ box, class: index, score }) => {
    const pixels = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
    return !sure.some((other, place) =>
      Math.abs(other - score) < 1e-4 && classes[place] === index + (output.scores ? 0 : 1) &&
      pixels.every((side, axis) => Math.abs(side - boxes[4 * place + axis]) < 2e-2)
    );
  });
  assert.ok(
    Math.abs(found.length - sure.length) <= 0.02 * sure.length,
    `${found.length} of ${sure.length}`,
  );
  assert.ok(unlike.length <= 0.02 * sure.length, `${unlike.length} of ${sure.length} boxes differ`);
}

async function check(folder: string, name: string, own: number): Promise<void> {
  const path = join(folder, name);
  const { tensors } = parseSafetensors(await Deno.readFile(`${path}.safetensors`), path);
  const theirs: Theirs = (key) => tf.tensor(tensors.get(key)!.data, [...tensors.get(key)!.shape]);
  const model = await readOnnx(await Deno.readFile(`${path}.onnx`), {
    origin: `${name}.onnx`,
    readBeside: (location) => Deno.readFile(join(folder, location)),
  });
  const images = channelsLast(theirs("images"));
  if (name in DETECTORS) await checkDetector(name, model, images, theirs, own);
  else checkSegmenter(model, images, theirs, own);
}

const isLarge = Deno.env.get("REALIGN_LARGE") !== undefined;
const exporters = [
  { title: "the older exporter", dynamo: false, needs: ["torchvision", "onnx"] },
  { title: "the dynamo exporter", dynamo: true, needs: ["torchvision", "onnx", "onnxscript"] },
];
for (const { title, dynamo, needs } of exporters) {
  const test = await needing(
    needs,
    `segmenters and detectors by ${title} are targets as in PyTorch`,
  );
  Deno.test({
    ...test,
    // The dynamo exporter takes many seconds for each.
    name: `${test.name}${isLarge ? "" : dynamo ? " (skipped: set REALIGN_LARGE)" : ", small ones"}`,
    ignore: test.ignore || (dynamo && !isLarge),
    async fn(test) {
      await useTestBackend();
      const folder = await Deno.makeTempDir();
      try {
        const sizes = isLarge ? { ...SMALL, ...LARGE } : SMALL;
        const own = await askPeer<Record<string, number>>("onnx_targets.py", {
          folder,
          sizes,
          dynamo,
          batch: 1,
        });
        for (const name of Object.keys(sizes)) {
          await test.step(name, () => check(folder, name, own[name]));
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
