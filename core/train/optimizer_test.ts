import assert from "node:assert/strict";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";

await useTestBackend();

const adam: OptimizerSettings = {
  name: "adam",
  beta1: 0.5,
  beta2: 0.9,
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
};
const sgd: OptimizerSettings = { ...adam, name: "sgd", momentum: 0.9 };

/** Moves of a single number, reckoned in double precision from the published formulas. */
function reckon(settings: OptimizerSettings, start: number, gradients: number[], rate: number) {
  const { beta1, beta2, momentum, nesterov, weightDecay } = settings;
  let [value, first, second, velocity] = [start, 0, 0, 0];
  gradients.forEach((ofLoss, index) => {
    const gradient = ofLoss + weightDecay * value;
    if (settings.name === "adam") {
      first = beta1 * first + (1 - beta1) * gradient;
      second = beta2 * second + (1 - beta2) * gradient ** 2;
      const mean = first / (1 - beta1 ** (index + 1));
      const square = second / (1 - beta2 ** (index + 1));
      value -= rate * mean / (Math.sqrt(square) + 1e-8);
    } else {
      velocity = momentum * velocity + gradient;
      value -= rate * (nesterov ? gradient + momentum * velocity : velocity);
    }
  });
  return value;
}

const cases: Readonly<Record<string, OptimizerSettings>> = {
  "Adam": adam,
  "Adam with weight decay": { ...adam, weightDecay: 0.1 },
  "Adam with pix2pixHD's moments": { ...adam, beta2: 0.999 },
  "SGD without momentum": { ...sgd, momentum: 0 },
  "SGD with momentum": sgd,
  "SGD with Nesterov's momentum": { ...sgd, nesterov: true },
  "SGD with momentum and weight decay": { ...sgd, weightDecay: 0.1 },
};
for (const [what, settings] of Object.entries(cases)) {
  Deno.test(`Optimizer moves as ${what} reckoned by hand`, () => {
    const gradients = [[1, -2], [0.5, 3], [-4, 1e-3], [0, 2]];
    const variable = tf.variable(tf.tensor1d([0.7, -1.5]));
    using optimizer = new Optimizer([variable], settings);
    for (const gradient of gradients) {
      tf.tidy(() => optimizer.apply([tf.tensor1d(gradient)], tf.scalar(0.1)));
    }
    const expected = [0.7, -1.5].map((start, place) =>
      reckon(settings, start, gradients.map((gradient) => gradient[place]), 0.1)
    );
    assertClose(variable, expected, 1e-4);
    variable.dispose();
  });
}

Deno.test("Optimizer's first step of Adam is the learning rate, whatever the gradient's size", () => {
  const variable = tf.variable(tf.zeros([3]));
  using optimizer = new Optimizer([variable], { ...adam, beta2: 0.999 });
  tf.tidy(() => optimizer.apply([tf.tensor1d([1e-3, 1, -1e3])], tf.scalar(0.01)));
  assertClose(variable, [-0.01, -0.01, 0.01], 1e-4);
  variable.dispose();
});

for (const settings of [adam, { ...sgd, nesterov: true, weightDecay: 0.1 }]) {
  Deno.test(`Optimizer moves each variable at its own share of the rate by ${settings.name}, and one beside others as alone`, () => {
    const gradients = [1, 0.5, -4];
    const moved = (factors?: readonly number[]) => {
      const variables = [0.7, 0.7, 0.7].map((value) => tf.variable(tf.scalar(value)));
      using optimizer = new Optimizer(variables, settings, factors);
      for (const gradient of gradients) {
        const each = variables.map(() => tf.scalar(gradient));
        tf.tidy(() => optimizer.apply(each, tf.scalar(0.01)));
        tf.dispose(each);
      }
      const values = variables.map((variable) => variable.dataSync()[0]);
      tf.dispose(variables);
      return values;
    };
    const [slow, fast, faster] = moved([1, 10, 3]);
    const expected = [0.1, 0.03].map((rate) => reckon(settings, 0.7, gradients, rate));
    assertClose([fast, faster], expected, 1e-4);
    assert.equal(slow, moved()[0], "bit for bit");
    assert.deepEqual(moved([1, 1, 1]), moved());
  });
}

Deno.test("Optimizer leaves a variable whose gradient is undefined", () => {
  const [moved, still] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
  using optimizer = new Optimizer([still, moved], { ...adam, weightDecay: 0.5 });
  tf.tidy(() => optimizer.apply([undefined, tf.scalar(1)], tf.scalar(0.1)));
  assertClose([still.dataSync()[0], moved.dataSync()[0]], [1, 0.9], 1e-4);
  tf.dispose([moved, still]);
});

for (const settings of [adam, sgd]) {
  Deno.test(`Optimizer goes on with ${settings.name} after export and import, bit for bit`, async () => {
    const random = createRandom(1, settings.name);
    const gradients = Array.from({ length: 5 }, () => random.uniforms(6, -1, 1));
    const create = () => {
      const variable = tf.variable(tf.ones([2, 3]));
      const optimizer = new Optimizer([variable], settings);
      const step = (index: number) =>
        tf.tidy(() => optimizer.apply([tf.tensor(gradients[index], [2, 3])], tf.scalar(0.1)));
      return { variable, optimizer, step };
    };
    const whole = create();
    [0, 1, 2, 3, 4].forEach(whole.step);
    const first = create();
    [0, 1, 2].forEach(first.step);
    const second = create();
    second.variable.assign(first.variable);
    second.optimizer.import(await first.optimizer.export(), "the test");
    [3, 4].forEach(second.step);
    assert.deepEqual(second.variable.dataSync(), whole.variable.dataSync());
    for (const { variable, optimizer } of [whole, first, second]) {
      variable.dispose();
      optimizer[Symbol.dispose]();
    }
  });
}

Deno.test("Optimizer refuses the state of another network, and keeps its own", async () => {
  const [small, large] = [tf.variable(tf.zeros([2])), tf.variable(tf.zeros([3]))];
  using one = new Optimizer([small], adam);
  using other = new Optimizer([large], adam);
  tf.tidy(() => one.apply([tf.tensor1d([1, 2])], tf.scalar(0.1)));
  const before = await one.export();
  const message = /Cannot load the optimizer of a\.bin as state\.0 must have 2 numbers: .* is 3/;
  const foreign = await other.export();
  assert.throws(() => one.import(foreign, "a.bin"), message);
  assert.throws(() => one.import(new Map(), "a.bin"), /current count is 0/);
  assert.deepEqual(await one.export(), before);
  tf.dispose([small, large]);
});

Deno.test("Optimizer leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  const variable = tf.tidy(() => tf.variable(tf.zeros([2])));
  {
    using optimizer = new Optimizer([variable], { ...adam, weightDecay: 0.1 });
    await assertNoLeak(() => tf.tidy(() => optimizer.apply([tf.tensor1d([1, 2])], tf.scalar(0.1))));
  }
  variable.dispose();
  assert.equal(tf.memory().numTensors, before);
});
