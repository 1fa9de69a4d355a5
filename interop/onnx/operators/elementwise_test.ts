import { createRandom } from "@realign/core";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { floats, runWritten, type WrittenNode } from "../testing.ts";

await useTestBackend();

const images = tf.tensor4d(createRandom(1).uniforms(2 * 4 * 5 * 3, -3, 3), [2, 4, 5, 3]);

type Case = readonly [f: (x: number) => number, attributes?: WrittenNode[3]];

/** The error function by its series, which converges everywhere. */
function erf(x: number): number {
  let [sum, term] = [0, x];
  for (let n = 0; n < 200; n++) {
    sum += term / (2 * n + 1);
    term *= -x * x / (n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const softplus = (x: number) => Math.log(1 + Math.exp(x));

const unary: Readonly<Record<string, Case>> = {
  Relu: [(x) => Math.max(x, 0)],
  LeakyRelu: [(x) => x < 0 ? 0.2 * x : x, { alpha: 0.2 }],
  Elu: [(x) => x < 0 ? 0.5 * (Math.exp(x) - 1) : x, { alpha: 0.5 }],
  Sigmoid: [sigmoid],
  HardSigmoid: [(x) => clamp(0.3 * x + 0.4, 0, 1), { alpha: 0.3, beta: 0.4 }],
  HardSwish: [(x) => x * clamp(x / 6 + 0.5, 0, 1)],
  Softplus: [softplus],
  Mish: [(x) => x * Math.tanh(softplus(x))],
  Gelu: [(x) => x / 2 * (1 + erf(x / Math.SQRT2))],
  Tanh: [Math.tanh],
  Erf: [erf],
  Exp: [Math.exp],
  Reciprocal: [(x) => 1 / x],
  Neg: [(x) => -x],
  Abs: [Math.abs],
  Sign: [Math.sign],
  Floor: [Math.floor],
  Ceil: [Math.ceil],
  Sin: [Math.sin],
  Cos: [Math.cos],
  Identity: [(x) => x],
  Dropout: [(x) => x],
};

for (const [operator, [f, attributes]] of Object.entries(unary)) {
  Deno.test(`${operator} is its formula in either layout`, async () => {
    const expected = tf.tensor(images.dataSync().map(f), images.shape);
    const turned = tf.transpose(expected, [0, 3, 1, 2]);
    const opset = 20;
    const [last] = await runWritten({ nodes: [[operator, "x", "y", attributes]], opset }, images);
    assertClose(last, turned, 1e-5);
    const nodes: WrittenNode[] = [["Transpose", "x", "t", { perm: [0, 2, 3, 1] }], [
      operator,
      "t",
      "y",
      attributes,
    ]];
    const [plain] = await runWritten({ nodes, opset }, images);
    assert.deepEqual(plain.shape, images.shape);
    assertClose(plain, expected, 1e-5);
  });
}

Deno.test("Gelu approximated, and Sqrt and Log of what is above 0, are their formulas", async () => {
  const nodes: WrittenNode[] = [
    ["Gelu", "x", "g", { approximate: "tanh" }],
    ["Mul", "x x", "square"],
    ["Sqrt", "square", "s"],
    ["Log", "s", "l"],
  ];
  const [g, s, l] = await runWritten({ nodes, outputs: "g s l", opset: 20 }, images);
  const x = tf.transpose(images, [0, 3, 1, 2]).dataSync();
  assertClose(
    g,
    x.map((x) => x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
  );
  assertClose(s, x.map(Math.abs));
  assertClose(l, x.map((x) => Math.log(Math.abs(x))), 1e-4);
});

const channels = [0.5, -1, 2];
const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Min: Math.min,
  Max: Math.max,
  Sum: (a, b) => a + b,
  Mod: (a, b) => a - b * Math.floor(a / b),
  PRelu: (a, b) => a < 0 ? a * b : a,
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Equal: (a, b) => Number(a === b),
};

for (const [operator, f] of Object.entries(binary)) {
  Deno.test(`${operator} stretches a weight of channels in either layout`, async () => {
    const x = tf.transpose(images, [0, 3, 1, 2]);
    const expected = x.dataSync().map((a, place) => f(a, channels[Math.floor(place / 20) % 3]));
    const weights = [floats("w", [3, 1, 1], channels)];
    const [last] = await runWritten({ nodes: [[operator, "x w", "y"]], weights }, images);
    assertClose(last, expected);
    // Turned back and forth, the first operand lies plain.
    const nodes: WrittenNode[] = [
      ["Transpose", "x", "a", { perm: [0, 1, 3, 2] }],
      ["Transpose", "a", "b", { perm: [0, 1, 3, 2] }],
      [operator, "b w", "y"],
    ];
    const [plain] = await runWritten({ nodes, weights }, images);
    assertClose(plain, expected);
  });
}

Deno.test("Pow, Clip, Where, And, Or and Not are their formulas", async () => {
  const weights = [
    floats("two", [], [2]),
    floats("three", [], [3]),
    floats("half", [], [0.5]),
    floats("zero", [], [0]),
    floats("one", [], [1]),
    floats("exponents", [3, 1, 1], [1.5, 2.5, -1]),
  ];
  const nodes: WrittenNode[] = [
    ["Pow", "x two", "squares"],
    ["Pow", "x three", "cubes"],
    ["Pow", "squares half", "roots"],
    ["Pow", "roots exponents", "powers"],
    ["Clip", "x zero one", "clipped"],
    ["Clip", "x - one", "below"],
    ["Greater", "x zero", "p"],
    ["Less", "x one", "q"],
    ["And", "p q", "both"],
    ["Or", "p q", "either"],
    ["Not", "both", "neither"],
    ["Where", "both x zero", "inside"],
    ["Cast", "neither", "number", { to: { int: 1 } }],
  ];
  const names = "squares cubes roots powers clipped below inside number";
  const outputs = await runWritten({ nodes, weights, outputs: names }, images);
  const x = [...tf.transpose(images, [0, 3, 1, 2]).dataSync()];
  const isInside = (x: number) => x > 0 && x < 1;
  const expected: ((x: number, place: number) => number)[] = [
    (x) => x ** 2,
    (x) => x ** 3,
    Math.abs,
    (x, place) => Math.abs(x) ** [1.5, 2.5, -1][Math.floor(place / 20) % 3],
    (x) => clamp(x, 0, 1),
    (x) => Math.min(x, 1),
    (x) => isInside(x) ? x : 0,
    (x) => Number(!isInside(x)),
  ];
  expected.forEach((f, index) => assertClose(outputs[index], x.map(f), 1e-4));
});
