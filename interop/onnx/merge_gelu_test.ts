import { createRandom } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { nodesFor } from "./graph.ts";
import { mergeGelu } from "./merge_gelu.ts";
import { readOnnx } from "./model.ts";
import { prepareOnnx } from "./prepare.ts";
import { floats, onnxFile, type WrittenNode } from "./testing.ts";

await useTestBackend();

const chain: readonly WrittenNode[] = [
  ["Div", "x root", "scaled"],
  ["Erf", "scaled", "erf"],
  ["Add", "erf one", "sum"],
  ["Mul", "x sum", "product"],
  ["Mul", "product half", "y"],
];
const weights = [
  floats("root", [], [Math.fround(Math.SQRT2)]),
  floats("one", [], [1]),
  floats("half", [], [0.5]),
];
const images = tf.tensor4d(createRandom(1).uniforms(2 * 4 * 4 * 3, -6, 6), [2, 4, 4, 3]);

async function operatorsOf(nodes: readonly WrittenNode[], outputs = "y"): Promise<string[]> {
  const model = await readOnnx(onnxFile({ nodes, weights, outputs }));
  const wanted = outputs.split(" ");
  return mergeGelu(nodesFor(model, wanted), model.constants, wanted).map((node) => node.operator);
}

Deno.test("mergeGelu() makes one operator of five, and leaves what is something else", async () => {
  assert.deepEqual(await operatorsOf(chain), ["Gelu"]);
  const swapped: WrittenNode[] = [
    ["Mul", "x root2", "scaled"],
    ...chain.slice(1, 3),
    ["Mul", "half sum", "product"],
    ["Mul", "product x", "y"],
  ];
  swapped.unshift(["Constant", "", "root2", { value: floats("", [], [Math.SQRT1_2]) }]);
  assert.deepEqual(await operatorsOf(swapped), ["Constant", "Gelu"]);
  // An inner value is wanted, or taken by another node.
  assert.equal((await operatorsOf(chain, "y erf")).length, 5);
  assert.equal((await operatorsOf([...chain, ["Neg", "sum", "z"]], "y z")).length, 6);
  // Another number, another image.
  for (
    const [from, to] of [["one", "half"], ["x sum", "scaled sum"], ["product half", "product one"]]
  ) {
    const other = chain.map(([operator, inputs, outputs]): WrittenNode => [
      operator,
      inputs.replace(from, to),
      outputs,
    ]);
    assert.equal((await operatorsOf(other)).length, 5, to);
  }
});

Deno.test("a merged Gelu has the gradient of its five operators, and the second one", async () => {
  const run = async (nodes: readonly WrittenNode[], outputs: string) => {
    using network = prepareOnnx(
      await readOnnx(onnxFile({ nodes, weights, outputs, dims: ["N", 3, 4, 4] })),
    );
    const value = (x: tf.Tensor) => network.run(x as tf.Tensor4D).get("y")!;
    const slope = tf.grad((x) => tf.sum(tf.square(value(x))));
    const bend = tf.grad((x) => tf.sum(tf.mul(slope(x), images)));
    return tf.tidy(() => [value(images), slope(images), bend(images)]);
  };
  const merged = await run(chain, "y");
  const whole = await run(chain, "y erf");
  merged.forEach((tensor, index) => assertClose(tensor, whole[index], 1e-4));
});

Deno.test({
  name: "a recorded Gelu and its gradient share the error function",
  ignore: tf.getBackend() !== "tensorflow",
  async fn() {
    using network = prepareOnnx(await readOnnx(onnxFile({ nodes: chain, weights })));
    using step = record(({ images }: { images: tf.Tensor4D }) => ({
      gradient: tf.grad((x) => tf.sum(network.run(x as tf.Tensor4D).get("y")!))(images),
    }), { name: "gelu" });
    const { gradient } = step({ images });
    const before = tf.memory().numTensors;
    const again = step({ images });
    assertClose(again.gradient, gradient, 0);
    tf.dispose(again);
    assert.equal(tf.memory().numTensors, before);
    tf.dispose(gradient);
  },
});
