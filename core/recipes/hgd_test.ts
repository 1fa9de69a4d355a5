import assert from "node:assert/strict";
import { createDunet } from "../networks/dunet.ts";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import { createToyTask, firstToyBatch, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import { measureWeights } from "../weights/parameters.ts";
import { hgd } from "./hgd.ts";
import type { RecipeContext } from "./recipe.ts";
import { withRecipe } from "./table.ts";

await useTestBackend();

Deno.test("DUNET has as many weights as the published one", () => {
  // Running averages, a mean and a variance for each channel of each norm, are no weights.
  const norms = [[64, 2], [128, 3], [256, 3], [256, 3], [256, 3], [256, 6], [128, 3], [64, 2]];
  const statistics = norms.reduce((sum, [channels, layers]) => sum + 2 * channels * layers, 0);
  const all = measureWeights(() => createDunet(64, createRandom(1))) / 4;
  assert.equal(all - statistics, 11_033_984);
});

Deno.test("DUNET is the identity where its last convolution is 0, at odd sizes too", () => {
  using dunet = createDunet(2, createRandom(1));
  const { names, variables } = dunet.parameters;
  const last = variables[names.indexOf("last.weight")];
  const images = tf.tensor4d(createRandom(2).uniforms(2 * 37 * 21 * 3, 0, 1), [2, 37, 21, 3]);
  assert.notDeepEqual(dunet.restore(images).dataSync(), images.dataSync());
  last.assign(tf.zerosLike(last));
  for (const mode of ["inference", "training"] as const) {
    assert.deepEqual(dunet.restore(images, mode).dataSync(), images.dataSync());
  }
});

Deno.test("DUNET clips in inference and not in training", () => {
  using dunet = createDunet(2, createRandom(1));
  const images = tf.ones([2, 8, 8, 3]) as tf.Tensor4D;
  const largest = (mode: "inference" | "training") =>
    Math.max(...dunet.restore(images, mode).dataSync());
  assert.ok(largest("training") > 1);
  assert.ok(largest("inference") <= 1);
});

Deno.test("HGD compares pixels, features, logits or the label, adversarial and clean images apart", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(3));
  const { images: clean, labels } = await firstToyBatch();
  const adversarial = tf.clipByValue(tf.add(clean, 0.1), 0, 1) as tf.Tensor4D;
  const restored = tf.concat([adversarial, clean]);
  const context = {
    clean,
    adversarial,
    restored,
    labels,
    task,
    target,
  } as unknown as RecipeContext;
  const termsOf = (guide: "auto" | "pixel" | "feature" | "logit" | "class") => {
    const values = { width: 64, guide, cleanWeight: 0.125 };
    const { guide: own, cleanGuide } = hgd.terms(context, values);
    assert.deepEqual([own.weight, cleanGuide.weight], [1, 0.125]);
    return [own, cleanGuide].map((term) => term.compute().dataSync()[0]);
  };
  const mean = (first: tf.Tensor, second: tf.Tensor) =>
    tf.mean(tf.abs(tf.sub(first, second))).dataSync()[0];
  const [ofAttacked, ofClean] = [adversarial, clean].map((images) => target.forward(images));
  assertClose(termsOf("pixel"), [mean(adversarial, clean), 0]);
  assertClose(termsOf("feature"), [mean(ofAttacked.features, ofClean.features), 0]);
  const byLogits = [mean(ofAttacked.logits, ofClean.logits), 0];
  assertClose(termsOf("logit"), byLogits);
  assertClose(termsOf("auto"), byLogits);
  assertClose(
    termsOf("class"),
    [ofAttacked, ofClean].map((output) => task.taskLoss(output, labels).dataSync()[0]),
  );
  const { logits: _, ...without } = task;
  const other = { ...context, task: without } as unknown as RecipeContext;
  const values = { width: 64, guide: "logit", cleanWeight: 0 } as const;
  assert.throws(() => hgd.terms(other, values), /toy has none: set recipe\.guide to "feature"/);
  const byDefault = hgd.terms(other, { ...values, guide: "auto" }).guide.compute();
  assertClose(byDefault, [mean(ofAttacked.features, ofClean.features)]);
});

Deno.test("HGD's feature guide is a task's whole map, else its rows of a class", async () => {
  const task = createToyTask();
  using target = task.createTarget("toy-net", createRandom(3));
  const { images: clean, labels } = await firstToyBatch();
  const restored = tf.clipByValue(tf.add(clean, 0.1), 0, 1) as tf.Tensor4D;
  const [seen, wanted] = [restored, clean].map((images) => target.forward(images));
  const guideOf = (changes: Partial<typeof task>) => {
    const context = { clean, restored, labels, target, task: { ...task, ...changes } };
    const values = { width: 64, guide: "feature", cleanWeight: 0 } as const;
    return hgd.terms(context as unknown as RecipeContext, values).guide.compute();
  };
  const distance = tf.mean(tf.abs(tf.sub(seen.features, wanted.features))).dataSync();
  assertClose(guideOf({}), distance);
  // Padding, whose vectors differ.
  const padded: typeof task.extractFeatures = ({ features, logits }, labels) => ({
    vectors: tf.concat([features, tf.tile(tf.slice(logits, [0, 0], [-1, 1]), [1, 8])]),
    classes: tf.concat([labels, tf.fill(labels.shape, -1, "int32")]) as tf.Tensor1D,
  });
  assertClose(guideOf({ extractFeatures: padded }), distance);
  const featureMap: typeof task.featureMap = ({ logits }) => tf.reshape(logits, [-1, 1, 1, 3]);
  assertClose(
    guideOf({ extractFeatures: padded, featureMap }),
    tf.mean(tf.abs(tf.sub(seen.logits, wanted.logits))).dataSync(),
  );
});

Deno.test("HGD as published has its rates, and its attacks with the preset's radius", () => {
  const { train, attack } = withRecipe(toyPreset, { name: "hgd", protocol: "original" });
  assert.deepEqual([train.batchSize, train.epochs, train.optimizer.beta1], [32, 100, 0.9]);
  assert.deepEqual(train.schedule, {
    name: "multi-step",
    peak: 0.01,
    warmup: 0,
    drops: [0.6, 0.9],
  });
  assert.equal(attack.members?.length, 4);
  assert.equal(attack.members[3].stepSize, toyPreset.attack.epsilon / 4);
  assert.ok(attack.members.every((member) => !("objective" in member)));
  const mixed = { name: "mixture", epsilon: 0.1, members: [{ name: "fgsm", objective: "cls" }] };
  const other = withRecipe({ ...toyPreset, attack: mixed }, { name: "hgd", protocol: "original" });
  assert.ok(other.attack.members?.every(({ objective }) => objective === "cls"));
});
