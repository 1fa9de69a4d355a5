import { type Box, createRandom, type LossSettings } from "@realign/core";
import { createAttack, exactVictim, objectiveValue } from "@realign/core/attacks";
import { type RecipeContext, recipes } from "@realign/core/recipes";
import { featureLosses, resolveLosses } from "@realign/core/losses";
import { assertClose, assertTaskAdapter, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { denseAdversaryGain } from "./dag.ts";
import detection from "./mod.ts";
import { encodeBoxes } from "./boxes.ts";
import type { DetectionLabels } from "./labels.ts";
import { lossValues } from "./loss_values.ts";
import { matchPriors } from "./matching.ts";
import type { DetectionOutput } from "./models/network.ts";
import { createDetection } from "./task.ts";

const random = createRandom(1, "task");
const task = createDetection(["ant", "bee", "cat"]);
const box = (x1: number, y1: number, x2: number, y2: number, index: number): Box => ({
  box: [x1, y1, x2, y2],
  class: index,
  difficult: false,
});
const annotations = [
  { boxes: [box(0.1, 0.1, 0.5, 0.6, 2), box(0.5, 0.4, 0.9, 0.9, 0)] },
  { boxes: [] },
  { boxes: [box(0.2, 0.3, 0.8, 0.7, 1)] },
];
const imagesOf = (batch: number, side = 64) =>
  tf.tensor4d(random.uniforms(batch * side * side * 3, 0, 1), [batch, side, side, 3]);

for (const architecture of ["ssd64-vgg16-w0.0625", "ssd64-vgg16-bn-w0.0625"]) {
  Deno.test(`the detection task keeps to the core's contract with ${architecture}`, async () => {
    await useTestBackend();
    const images = imagesOf(3, 48);
    const impossible = { boxes: [box(0, 0, 1, 1, 3)] };
    await assertTaskAdapter(task, architecture, { images, annotations, impossible });
    images.dispose();
  });
}

/** An output that says exactly what annotations say, with certainty. */
function perfectOutput() {
  const labels = task.encodeLabels(annotations);
  const [batch, places, K] = [annotations.length, 8, 3];
  const priors = tf.fill([batch, places, 4], 0.5) as tf.Tensor3D;
  const classes = labels.classes.arraySync();
  const logits = tf.tensor3d(
    classes.map((row) =>
      row.map((index) => Array.from({ length: K + 1 }, (_, k) => k === index + 1 ? 9 : 0))
    ),
  );
  const offsets = encodeBoxes(labels.boxes, priors);
  const output = { logits, offsets, priors, features: tf.zeros<tf.Rank.R4>([batch, 2, 2, 5]) };
  return { output, labels };
}

Deno.test("describe names the surest boxes, draw gives them, drawTruth the truth", async () => {
  await useTestBackend();
  const { output } = perfectOutput();
  assert.deepEqual(await task.describe(output, 3), [
    "cat 100 %, ant 100 %",
    "nothing",
    "bee 100 %",
  ]);
  const [first, second] = await task.draw!(output, 2);
  assert.deepEqual(first.boxes?.map((found) => found.class).sort(), [0, 2]);
  assertClose(first.boxes!.find((found) => found.class === 2)!.box, [0.1, 0.1, 0.5, 0.6]);
  assert.deepEqual(second.boxes, []);
  assert.deepEqual(task.drawTruth!(annotations[2]), {
    boxes: [{ box: [0.2, 0.3, 0.8, 0.7], class: 1 }],
  });
});

Deno.test("the metric is 1 for what is perfect, and ignores padding", async () => {
  await useTestBackend();
  const { output, labels } = perfectOutput();
  const metric = task.createMetric();
  await metric.update(output, labels, 3);
  assert.equal(metric.result().value, 1);
  assert.equal(metric.result().count, 3);
});

Deno.test("the metric counts the numbers that are none, padding aside", async () => {
  await useTestBackend();
  const { output, labels } = perfectOutput();
  const [P, K] = [8, 3];
  const logits = output.logits.dataSync<"float32">().slice();
  logits.fill(NaN, 0, 4); // of the first picture's first prior
  logits[4] = Infinity; // of its second
  logits[2 * P * (K + 1)] = NaN; // of the padding
  const offsets = output.offsets.dataSync<"float32">().slice();
  offsets[2] = NaN; // of the first prior again
  offsets[P * 4] = -Infinity; // of the second picture's first
  const metric = task.createMetric();
  const damaged = {
    ...output,
    logits: tf.tensor3d(logits, [3, P, K + 1]),
    offsets: tf.tensor3d(offsets, [3, P, 4]),
  };
  const before = tf.memory().numTensors;
  await metric.update(damaged, labels, 2);
  assert.equal(tf.memory().numTensors, before);
  assert.equal(metric.result().details?.notANumber, 3);
});

/** `[B]` values of one of the task's objectives. */
function valueOf(name: string, output: DetectionOutput, labels: DetectionLabels): Float32Array {
  return objectiveValue(task.objectives[name], output, labels, output).dataSync<"float32">();
}

const epsilon = 8 / 255;
for (
  const settings of [
    { name: "pgd", objective: "cls", epsilon, steps: 4 },
    { name: "pgd", objective: "loc", epsilon, steps: 4 },
    { name: "pgd", objective: "cls+loc", epsilon, steps: 4 },
    { name: "apgd", objective: "vanish", epsilon, steps: 4 },
    { name: "apgd", objective: "fabricate", epsilon, steps: 4, restarts: 2 },
    { name: "apgd", objective: "objectness", epsilon, steps: 4 },
    { name: "square", objective: "cls+loc", epsilon, queries: 10 },
    { name: "mtd", epsilon, steps: 4 },
    { name: "dag", epsilon, steps: 8, stepSize: 2 / 255 },
    { name: "feature", epsilon, steps: 4 },
    { name: "noise", epsilon, draws: 20, objective: "cls+loc" },
  ]
) {
  const title = [settings.name, settings.objective].filter(Boolean).join(" ");
  Deno.test(`${title} stays within 8/255 and does what it is for`, async () => {
    await useTestBackend();
    using model = task.createTarget("ssd64-vgg16-w0.0625", createRandom(3));
    const victim = exactVictim({ task, target: model });
    const images = imagesOf(3);
    const labels = task.encodeLabels(annotations);
    using attack = createAttack(settings, victim, task.attacks);
    assert.equal(attack.settings.epsilon, 8 / 255);
    const adversarial = await attack.perturb(images, labels, createRandom(1));
    const change = tf.max(tf.abs(tf.sub(adversarial, images))).dataSync()[0];
    assert.ok(change > 0 && change <= epsilon + 1e-6, `the greatest change is ${change}`);
    if (settings.name === "dag") {
      const rightOf = (pixels: tf.Tensor4D) => {
        const { logits, priors } = model.forward(pixels);
        const { positive, classes } = matchPriors(priors, labels);
        const isRight = tf.equal(tf.cast(tf.argMax(logits, 2), "int32"), classes);
        return tf.sum(tf.mul(positive, tf.cast(isRight, "float32"))).dataSync()[0];
      };
      const [before, after] = [rightOf(images), rightOf(adversarial)];
      assert.ok(after < before, `of ${before} priors that say the truth ${after} still do`);
      return;
    }
    const loss = (pixels: tf.Tensor4D) => {
      const name = settings.name === "feature" ? "features" : settings.objective ?? "cls+loc";
      const [output, clean] = [model.forward(pixels), model.forward(images)];
      return objectiveValue(task.objectives[name], output, labels, clean).dataSync<"float32">();
    };
    const [before, after] = [loss(images), loss(adversarial)];
    for (const row of [0, 2]) assert.ok(after[row] > before[row], `${after} after ${before}`);
  });
}

Deno.test("mtd is, image by image, at least as strong as the attacks on classes and on locations", async () => {
  await useTestBackend();
  using model = task.createTarget("ssd64-vgg16-w0.0625", createRandom(3));
  const victim = exactVictim({ task, target: model });
  const images = imagesOf(3);
  const labels = task.encodeLabels(annotations);
  const shared = { epsilon, stepSize: 2 / 255, steps: 3, randomStart: "none" } as const;
  const totals: Float32Array[] = [];
  for (
    const settings of [
      { name: "mtd", ...shared },
      { name: "pgd", objective: "cls", ...shared },
      { name: "pgd", objective: "loc", ...shared },
    ]
  ) {
    using attack = createAttack(settings, victim, task.attacks);
    const output = model.forward(await attack.perturb(images, labels, createRandom(1)));
    totals.push(valueOf("cls+loc", output, labels));
  }
  const [mtd, cls, loc] = totals;
  assertClose(mtd, mtd.map((_, row) => Math.max(cls[row], loc[row])), 1e-3);
});

Deno.test("denseAdversaryGain sums, over priors that say the truth, how far a wrong class is behind", async () => {
  await useTestBackend();
  const priors = tf.tensor3d([[[0.5, 0.5, 0.4, 0.4], [0.5, 0.5, 0.41, 0.4], [0.1, 0.1, 0.1, 0.1]]]);
  const labels = task.encodeLabels([{ boxes: [box(0.3, 0.3, 0.7, 0.7, 1)] }]);
  const logits = tf.tensor3d([[[0, 1, 5, 2], [9, 0, 4, 0], [7, 0, 0, 0]]]);
  const shifts = tf.tensor2d([[1, 1, 1]], [1, 3], "int32");
  // The first says class 1 (place 2), its wrong class is at place 3; the second says background already.
  assertClose(denseAdversaryGain({ logits, priors }, labels, shifts), [2 - 5]);
  const round = tf.tensor2d([[2, 2, 2]], [1, 3], "int32");
  assertClose(denseAdversaryGain({ logits, priors }, labels, round), [0 - 5]);
});

Deno.test("HGD's guide is the same however many places labels have", async () => {
  await useTestBackend();
  using target = task.createTarget("ssd64-vgg16-w0.0625", createRandom(3));
  const [clean, restored] = [imagesOf(3), imagesOf(3)];
  const few = task.encodeLabels(annotations);
  const padded = <T extends tf.Tensor>(tensor: T, fill: number) => {
    const [batch, places, ...rest] = tensor.shape;
    return tf.concat([tensor, tf.fill([batch, 32 - places, ...rest], fill, tensor.dtype)], 1) as T;
  };
  const many = {
    boxes: padded(few.boxes, 0),
    classes: padded(few.classes, -1),
    difficult: padded(few.difficult, 0),
  };
  const guideOf = (labels: DetectionLabels) => {
    const context = { clean, restored, labels, task, target } as unknown as RecipeContext;
    const values = { width: 64, guide: "auto", cleanWeight: 0 };
    return recipes.hgd.terms(context, values).guide.compute().dataSync();
  };
  const [seen, wanted] = [restored, clean].map((images) => target.forward(images).features);
  const whole = tf.mean(tf.abs(tf.sub(seen, wanted))).dataSync();
  assertClose(guideOf(few), whole);
  assertClose(guideOf(many), whole);
});

Deno.test("the authors' L_Frec sees what lies outside all boxes, that of boxes does not", async () => {
  await useTestBackend();
  using target = task.createTarget("ssd64-vgg16-w0.0625", createRandom(3));
  const output = target.forward(imagesOf(2));
  const labels = task.encodeLabels([{ boxes: [box(0, 0, 0.5, 0.5, 1)] }]);
  // Cell (3, 3) of 4 x 4 alone differs from x^c's, by 8 in each of 2 features, in both halves.
  const clean = tf.zeros<tf.Rank.R4>([1, 4, 4, 2]);
  const far = tf.pad(tf.fill([2, 1, 1, 2], 8), [[0, 0], [3, 0], [3, 0], [0, 0]]) as tf.Tensor4D;
  const lossOf = (changes: Partial<LossSettings>) => {
    const { featureReconstruction } = featureLosses({
      task: { ...task, taskLoss: () => tf.scalar(0) },
      labels,
      output: () => ({ ...output, features: far }),
      cleanFeatures: () => task.features!.cells({ ...output, features: clean }, labels).vectors,
      cleanMap: () => clean,
    }, resolveLosses({ ...lossValues.authors.losses, setting: "L_F", ...changes }));
    return featureReconstruction!;
  };
  assertClose(lossOf({}), [2 * 8 / 16]);
  assertClose(lossOf({ reconstructionFeatures: "rows" }), [0]);
});

Deno.test("createDetection refuses to have no class", () => {
  assert.throws(() => createDetection([]), RangeError);
});

Deno.test("the plugin makes the task of a preset, of boxes", () => {
  const adapter = detection.createTask(detection.presets["det-shapes"], ["a", "b"]);
  assert.deepEqual([adapter.name, adapter.classCount], ["detection", 2]);
  assert.equal(detection.annotation, "boxes");
});

Deno.test("a D of boxes cannot be conditioned on labels", () => {
  const task = createDetection(["a"]);
  assert.equal(task.labelImages, undefined);
  assert.deepEqual(Object.keys(task.features!), ["cells"]);
});
