/**
 * What every task adapter must keep to, as a check that a plugin's own tests can run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { objectiveValue } from "../attacks/objective.ts";
import { IGNORED_CLASS, type Images } from "../dataset.ts";
import { record } from "../backend/record.ts";
import { checkOutput } from "../checks/output.ts";
import { extractorOf, PENULTIMATE } from "../losses/mod.ts";
import { createRandom } from "../random.ts";
import { assertTrainStep } from "./step_contract.ts";
import type { Overlay, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";

/** Examples that a task adapter is checked on. */
export interface ContractBatch<A> {
  /** `[B, H, W, 3]` in `[0, 1]`, B at least 2, H and W even. */
  readonly images: Images;
  /** What a dataset says of each of them. */
  readonly annotations: readonly A[];
  /** Something that no dataset may say, e.g. a class that there is none of. */
  readonly impossible: A;
}

/**
 * Fails unless a task adapter keeps to what the core relies on: labels and their images, shapes and types of features,
 * objectives of one finite number an example, gradients that reach the images and every trainable
 * weight, a metric in [0, 1] that ignores padding, no tensor left behind, no value read nor random number
 * drawn where steps are recorded, and a step of G and D that is the same recorded as eager.
 *
 * @param task The adapter
 * @param architecture A target model that the task builds, the smallest it has
 * @param batch Examples; neither changed nor disposed
 * @throws {assert.AssertionError} Naming the first thing that is wrong
 *
 * @example Usage
 * ```ts
 * import { assertTaskAdapter, useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "./toy_task.ts";
 * import * as tf from "@realign/core/tf";
 *
 * await useTestBackend();
 * const images = tf.randomUniform([3, 8, 8, 3], 0, 1, "float32", 1) as tf.Tensor4D;
 * await assertTaskAdapter(createToyTask(), "toy-net", { images, annotations: [0, 1, 2], impossible: 3 });
 * ```
 */
export async function assertTaskAdapter<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  A,
>(
  task: TaskAdapter<O, L, A>,
  architecture: string,
  { images, annotations, impossible }: ContractBatch<A>,
): Promise<void> {
  const [batch] = images.shape;
  assert.ok(batch >= 2 && annotations.length === batch, "the check needs two examples or more");
  assert.throws(() => task.createTarget("no such architecture", createRandom(1)), RangeError);
  assert.throws(() => tf.tidy(() => task.encodeLabels([...annotations.slice(1), impossible])));
  const before = tf.memory().numTensors;
  {
    using target = task.createTarget(architecture, createRandom(1, "target"));
    const labels = task.encodeLabels(annotations);
    const output = tf.tidy(() => target.forward(images));
    await assertOutput(task, output, labels, batch);
    assertFeatureMap(task, output, batch);
    await assertLabelImages(task, labels, images);
    await assertObjectives(task, output, labels, batch);
    await assertDecisions(task, output, labels, annotations);
    await assertMetric(task, output, labels, batch);
    await assertGradients(task, target, images, labels);
    await assertTrainStep(task, target, images, labels);
    tf.dispose([output, labels as tf.TensorContainer]);
  }
  assert.equal(tf.memory().numTensors, before, "tensors were left behind");
}

type Task<O extends tf.TensorContainer, L extends tf.TensorContainer> = TaskAdapter<O, L>;

async function valuesOf(compute: () => tf.Tensor): Promise<number[]> {
  const tensor = tf.tidy(compute);
  const values = Array.from(await tensor.data());
  tensor.dispose();
  return values;
}

async function assertOutput<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: Task<O, L>,
  output: O,
  labels: L,
  batch: number,
): Promise<void> {
  for (const features of [PENULTIMATE, ...Object.keys(task.features ?? {})]) {
    const extract = extractorOf(task, { features });
    await checkOutput(task, output, labels, batch, extract).catch((error: Error) =>
      assert.fail(error.message)
    );
    const classes = await valuesOf(() => tf.clone(extract(output, labels).classes));
    assert.ok(
      classes.some((value) => value >= 0),
      `no row of the features "${features}" has a class`,
    );
  }
}

function assertFeatureMap<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: Task<O, L>,
  output: O,
  batch: number,
): void {
  const shape = tf.tidy(() => task.featureMap?.(output).shape);
  if (shape) assert.deepEqual([shape[0], shape.length], [batch, 4], "a map must be [B, h, w, D]");
}

async function assertLabelImages<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  { labelImages }: Task<O, L>,
  labels: L,
  images: Images,
): Promise<void> {
  if (!labelImages) return;
  const [batch, height, width] = images.shape;
  const size = [height / 2, width] as const;
  const values = await valuesOf(() => {
    const drawn = labelImages.draw(labels, size);
    assert.deepEqual(drawn.shape, [batch, ...size, labelImages.channels], "label images' shape");
    assert.equal(drawn.dtype, "float32", "label images must be float32");
    return drawn;
  });
  const { channels } = labelImages;
  for (let at = 0; at < values.length; at += channels) {
    const pixel = values.slice(at, at + channels).toSorted();
    const isOne = pixel.at(-1) === 1 && pixel.slice(0, -1).every((value) => value === 0);
    assert.ok(isOne, "each pixel of a label image must have one channel of 1");
  }
}

async function assertObjectives<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: Task<O, L>,
  output: O,
  labels: L,
  batch: number,
): Promise<void> {
  const names = Object.keys(task.objectives);
  assert.ok(names.length > 0, "a task needs an objective");
  for (const name of names) {
    const values = await valuesOf(() => {
      const value = objectiveValue(task.objectives[name], output, labels, output);
      assert.deepEqual(value.shape, [batch], `the objective "${name}" must be [B]`);
      return value;
    });
    assert.ok(values.every(Number.isFinite), `the objective "${name}" must be finite`);
  }
}

async function assertDecisions<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  task: TaskAdapter<O, L, A>,
  output: O,
  labels: L,
  annotations: readonly A[],
): Promise<void> {
  const batch = annotations.length;
  assert.equal(task.logits === undefined, task.classOf === undefined, "logits go with classOf");
  if (task.logits && task.classOf) {
    assert.deepEqual(task.logits(output).shape, [batch, task.classCount], "logits must be [B, K]");
    const classes = task.classOf(labels);
    assert.deepEqual(
      [classes.shape, classes.dtype],
      [[batch], "int32"],
      "classOf must be [B] int32",
    );
  }
  const described = await task.describe(output, batch - 1);
  assert.equal(described.length, batch - 1, "describe must give a text for each row that counts");
  assert.equal(task.draw === undefined, task.drawTruth === undefined, "draw goes with drawTruth");
  if (task.draw && task.drawTruth) {
    const drawn = await task.draw(output, batch - 1);
    assert.equal(drawn.length, batch - 1, "draw must give an overlay for each row that counts");
    for (
      const overlay of [
        ...drawn,
        ...annotations.map((annotation) => task.drawTruth!(annotation)),
      ]
    ) {
      assertOverlay(overlay, task.classCount);
    }
  }
}

function assertOverlay({ labelMap, boxes = [] }: Overlay, classCount: number): void {
  if (labelMap) {
    const { height, width, classes } = labelMap;
    assert.equal(classes.length, height * width, "a label map must have a class for each pixel");
    const known = classes.every((value) => value < classCount || value === IGNORED_CLASS);
    assert.ok(known, `a label map's classes must be below ${classCount}, or ${IGNORED_CLASS}`);
  }
  for (const { box: [x1, y1, x2, y2], class: index, score = 0 } of boxes) {
    assert.ok(x1 >= 0 && y1 >= 0 && x1 <= x2 && y1 <= y2 && x2 <= 1 && y2 <= 1, "a box is outside");
    assert.ok(index >= 0 && index < classCount, "a box is of an unknown class");
    assert.ok(score >= 0 && score <= 1, "a box's score must be in [0, 1]");
  }
}

async function assertMetric<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: Task<O, L>,
  output: O,
  labels: L,
  batch: number,
): Promise<void> {
  const metric = task.createMetric();
  await metric.update(output, labels, batch);
  await metric.update(output, labels, 1);
  const { value, count, interval = [value, value] } = metric.result();
  assert.ok(value >= 0 && value <= 1, `a metric must be in [0, 1]: current value is ${value}`);
  assert.equal(count, batch + 1, "a metric must count the rows that are no padding");
  assert.ok(interval[0] <= value && value <= interval[1], "an interval must hold the value");
  assert.equal(task.createMetric() === metric, false, "every metric must start anew");
}

async function assertGradients<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  task: Task<O, L>,
  target: ReturnType<Task<O, L>["createTarget"]>,
  images: Images,
  labels: L,
): Promise<void> {
  const ascend = (name: string) => (pixels: Images) =>
    tf.sum(
      objectiveValue(
        task.objectives[name],
        target.forward(pixels),
        labels,
        target.forward(images),
      ),
    );
  const moved = tf.mul(images, 0.9) as Images; // KL has no gradient where it is 0
  for (const name of Object.keys(task.objectives)) {
    using step = record(
      ({ pixels }: { pixels: Images }) => tf.abs(tf.grad((x) => ascend(name)(x as Images))(pixels)),
      { name: `gradient of ${name}` },
    );
    const gradient = step({ pixels: moved });
    const values = await gradient.data();
    gradient.dispose();
    assert.ok(values.every(Number.isFinite), `the gradient of "${name}" must be finite`);
    assert.ok(values.some((value) => value > 0), `the gradient of "${name}" is 0 at every pixel`);
  }
  moved.dispose();
  const { trainable, names, variables } = target.parameters;
  const { value, grads } = tf.variableGrads(
    () => task.taskLoss(target.forward(images, "training"), labels),
    trainable,
  );
  const unreached = trainable.filter(({ name }) => !grads[name])
    .map((variable) => names[variables.indexOf(variable)]);
  assert.deepEqual(unreached, [], "L_o reaches not all trainable weights");
  tf.dispose([value, grads]);
}
