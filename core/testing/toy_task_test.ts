import { objectiveValue } from "../attacks/objective.ts";
import assert from "node:assert/strict";
import { assertTaskAdapter, useTestBackend } from "./mod.ts";
import * as tf from "../tf.ts";
import { createToyTask, firstToyBatch, type ToyTask } from "./toy_task.ts";

await useTestBackend();

async function check(changes: Partial<ToyTask> = {}): Promise<void> {
  const { images, labels } = await firstToyBatch(3);
  const batch = { images, annotations: [0, 1, 2], impossible: 3 };
  try {
    await assertTaskAdapter({ ...createToyTask(), ...changes }, "toy-net", batch);
  } finally {
    tf.dispose([images, labels]);
  }
}

Deno.test("assertTaskAdapter passes the toy task", () => check());

const { createMetric, objectives, extractFeatures, createTarget, taskLoss } = createToyTask();
let calls = 0;
const faults: Readonly<Record<string, readonly [Partial<ToyTask>, RegExp]>> = {
  "takes impossible labels": [
    { encodeLabels: (all) => tf.tensor1d(all.map((value) => value % 3), "int32") },
    /Missing expected exception/,
  ],
  "builds any architecture": [
    { createTarget: (_, random) => createTarget("toy-net", random) },
    /Missing expected exception/,
  ],
  "has an objective of one number": [
    {
      objectives: {
        mean: (output, labels) =>
          tf.mean(objectiveValue(objectives["cross-entropy"], output, labels, output)),
      },
    },
    /the objective "mean" must be \[B\]/,
  ],
  "has an objective without gradient": [
    { objectives: { flat: ({ logits }) => tf.sum(tf.mul(logits, 0), 1) } },
    /the gradient of "flat" is 0 at every pixel/,
  ],
  "has an objective that is not finite": [
    { objectives: { log: ({ logits }) => tf.log(tf.sum(tf.mul(logits, 0), 1)) } },
    /the objective "log" must be finite/,
  ],
  "has classes of float32": [
    {
      extractFeatures: (...args) => ({
        vectors: extractFeatures(...args).vectors,
        classes: tf.zeros([3]),
      }),
    },
    /classes of features must be int32/,
  ],
  "has classes out of range": [
    {
      extractFeatures: ({ features }) => ({ vectors: features, classes: tf.fill([3], 3, "int32") }),
    },
    /classes of features must be below its classCount of 3/,
  ],
  "counts padding in": [
    {
      createMetric: () => ({
        ...createMetric(),
        result: () => ({ name: "x", value: 0, count: 6 }),
      }),
    },
    /a metric must count the rows that are no padding/,
  ],
  "has a metric in percent": [
    {
      createMetric: () => ({
        ...createMetric(),
        result: () => ({ name: "x", value: 50, count: 4 }),
      }),
    },
    /a metric must be in \[0, 1\]: current value is 50/,
  ],
  "has a loss that changes from call to call": [
    { taskLoss: (...args) => tf.mul(taskLoss(...args), ++calls) },
    /"task" of a recorded step is .+ instead of/,
  ],
  "has logits without classes": [{ classOf: undefined }, /logits go with classOf/],
};
for (const [what, [changes, message]] of Object.entries(faults)) {
  Deno.test(`assertTaskAdapter fails a task that ${what}`, async () => {
    await tf.engine().startScope();
    try {
      await assert.rejects(check(changes), message);
    } finally {
      tf.engine().endScope();
    }
  });
}
