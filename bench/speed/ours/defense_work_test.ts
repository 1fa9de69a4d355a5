import { presets } from "@realign/classification";
import detection, { adversarialTrainings as detectors } from "@realign/detection";
import segmentation, { adversarialTrainings as segmenters } from "@realign/segmentation";
import type { HostTensor, Preset } from "@realign/core";
import { withRecipe } from "@realign/core/recipes";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  countParameters,
  createRestoration,
  createRestorerTraining,
  createTargetTraining,
  type TimedTraining,
} from "./defense_work.ts";
import { openDataset } from "@realign/datasets";
import { mapTensors } from "../../../core/backend/containers.ts";
import { pluginOf } from "../plugins.ts";
import { CLASSES, makeProblem, openProblem } from "./problem.ts";

const small = presets["cls-shapes"];
const preset: Preset = {
  ...small,
  target: { ...small.target, train: { ...small.target.train, batchSize: 6 } },
  generator: { ...small.generator, width: 4, blocks: 1 },
  discriminator: { ...small.discriminator, width: 4 },
  perceptual: { ...small.perceptual, width: 4 },
  train: { ...small.train, batchSize: 2 },
};

await useTestBackend();
const folder = await Deno.makeTempDir();
const path = join(folder, "problem.safetensors");
const classes = await makeProblem({ path, preset, pool: 4, targetSteps: 0 });
/** The same networks and images under other settings. */
const open = (changed: Preset) => openProblem(path, changed, classes);

const adversarial = (settings: Preset["target"]["train"]["adversarial"]): Preset => ({
  ...preset,
  target: { ...preset.target, train: { ...preset.target.train, adversarial: settings } },
});

function differs(a: ReadonlyMap<string, HostTensor>, b: ReadonlyMap<string, HostTensor>): boolean {
  return [...a].some(([name, { data }]) =>
    data.some((value, at) => value !== b.get(name)!.data[at])
  );
}

/** Every step moves the weights, and none leaves a tensor behind. */
async function assertTrains<L extends tf.TensorContainer>(
  { trainer, step }: TimedTraining<L>,
): Promise<void> {
  const first = await trainer.weights();
  await step();
  const second = await trainer.weights();
  assert.ok(differs(first, second));
  const before = tf.memory().numTensors;
  await step();
  assert.equal(tf.memory().numTensors, before);
  assert.ok(differs(second, await trainer.weights()));
}

Deno.test("steps of G and of a rival, with and without adversarial images, move what restores", async () => {
  for (
    const recipe of [
      { name: "realign" },
      { name: "ape-gan", width: 2 },
      { name: "sr", width: 2, blocks: 1 },
    ]
  ) {
    await assertTrains(createRestorerTraining(await open(withRecipe(preset, recipe))));
  }
});

Deno.test("steps of O, plain, attacked and replayed, move its weights, with more images than the pool has", async () => {
  const attack = { name: "pgd", epsilon: 0.03, stepSize: 0.01, steps: 1 };
  for (const settings of [undefined, { attack }, { replays: 2, epsilon: 0.03 }]) {
    await assertTrains(createTargetTraining(await open(adversarial(settings))));
  }
});

Deno.test("a batch, or images of the pool, are restored by G, a rival, and transformations", async () => {
  const search = { name: "defense-gan", width: 2, restarts: 2, steps: 2 };
  const problem = await open(preset);
  assert.deepEqual(await (await createRestoration(problem))(), [2, 32, 32, 3]);
  for (
    const [recipe, defenses] of [
      [{ name: "realign" }],
      [{ name: "ape-gan", width: 2 }],
      [search],
      [undefined, [{ name: "jpeg" }]],
      [undefined, [{ name: "tvm" }, { name: "quilting", patches: 500 }]],
    ] as const
  ) {
    const changed = recipe ? await open(withRecipe(preset, recipe)) : problem;
    const restore = await createRestoration(changed, { defenses, images: 3 });
    assert.deepEqual(await restore(), [3, 32, 32, 3]);
    const before = tf.memory().numTensors;
    await restore();
    assert.equal(tf.memory().numTensors, before);
  }
});

Deno.test("countParameters() counts what is trained: O, G, or the rival in its place", async () => {
  const problem = await open(preset);
  assert.equal(countParameters(problem, "restorer"), problem.generator.parameters.size);
  assert.equal(countParameters(problem, "target"), problem.target.parameters.size);
  const rival = await open(withRecipe(preset, { name: "ape-gan" }));
  assert.equal(countParameters(rival, "restorer"), 419_971);
});

const dense: readonly (readonly [Preset, string, Preset["target"]["train"]["adversarial"]])[] = [
  [segmentation.presets["seg-shapes"], "pspnet-resnet18-w0.25", segmenters.ddcat],
  [detection.presets["det-shapes"], "ssd64-vgg16-bn-w0.0625", detectors.mtd],
];

for (const [own, architecture, adversarial] of dense) {
  Deno.test(`steps in front of ${own.task} and of its O move weights, on its own labels`, async () => {
    const path = join(folder, `${own.task}.safetensors`);
    const train = { ...own.target.train, batchSize: 3, ...(adversarial && { adversarial }) };
    const small = {
      ...own,
      ...{ generator: preset.generator, discriminator: preset.discriminator },
      perceptual: preset.perceptual,
      target: { ...own.target, architecture, train },
      train: { ...own.train, batchSize: 2 },
    };
    const classes = await makeProblem({ path, preset: small, pool: 4, targetSteps: 0 });
    const open = (changed: Preset) => openProblem(path, changed, classes);
    const { labels } = await open(small);
    assert.deepEqual(shapesOf(labels), shapesOf(await labelsOf(small, 2)));
    await assertTrains(createTargetTraining(await open(small)));
    const rival = withRecipe(small, { name: "hgd", width: 2 });
    await assertTrains(createRestorerTraining(await open(rival)));
  });
}

/** Types and values of the tensors in labels, by name. */
function shapesOf(labels: tf.TensorContainer): unknown {
  const told: unknown[] = [];
  mapTensors(labels, (tensor, path) => {
    told.push([path, tensor.dtype, tensor.shape, [...tensor.dataSync()]]);
    return 0;
  });
  return told;
}

/** What the task encodes the first pictures' annotations as. */
async function labelsOf(preset: Preset, count: number): Promise<tf.TensorContainer> {
  const { annotation, createTask } = pluginOf(preset);
  const scenes = await openDataset("shapes", "test", {
    annotation: annotation as "class",
    size: preset.dataset.size,
    classes: CLASSES,
    examples: 4,
    own: { objects: 3 },
  });
  const read = Array.from({ length: count }, async (_, at) => (await scenes.read(at)).annotation);
  return createTask(preset, scenes.classNames).encodeLabels(await Promise.all(read));
}
