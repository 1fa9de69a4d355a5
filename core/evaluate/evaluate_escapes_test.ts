import assert from "node:assert/strict";
import type { Images } from "../dataset.ts";
import { assertClose } from "../testing/mod.ts";
import { attackedBy, obliviousOf, partsOf, type ToyColumn } from "../testing/toy_columns.ts";
import * as tf from "../tf.ts";
import { evaluateColumn } from "./evaluate.ts";

const withAttack = (perturb: (images: Images) => Images) => partsOf({ task: attackedBy(perturb) });
const stub: ToyColumn = {
  ...obliviousOf(),
  attack: "stub-20",
  settings: { name: "stub", epsilon: 0.02 },
};

const escapes: Readonly<Record<string, readonly [(images: Images) => Images, RegExp]>> = {
  "leaves its ball": [
    (images) => tf.clipByValue(tf.add(images, 0.03), 0, 1),
    /the attack stub-20 as it left its ball: epsilon is 0\.02, the largest change is 0\.03/,
  ],
  "leaves the ball at one pixel of one example": [
    (images) => {
      const values = images.dataSync<"float32">().slice();
      values[values.length - 1] -= 0.021;
      return tf.tensor4d(values, images.shape);
    },
    /as it left its ball/,
  ],
  "leaves [0, 1]": [
    (images) => tf.add(tf.zerosLike(images), 1.01),
    /the attack stub-20 as it left \[0, 1\]/,
  ],
  "leaves its ball beside what is not a number": [
    (images) => tf.concat([tf.mul(tf.slice(images, 0, 1), NaN), tf.add(tf.slice(images, 1), 0.03)]),
    /the attack stub-20 as it left/,
  ],
};
for (const [what, [perturb, message]] of Object.entries(escapes)) {
  Deno.test(`evaluateColumn catches an attack that ${what}`, async () => {
    await assert.rejects(evaluateColumn(withAttack(perturb), stub), message);
  });
}

Deno.test("evaluateColumn holds an L2 attack to the length of its perturbation", async () => {
  const column = { ...stub, settings: { ...stub.settings!, norm: "l2" } };
  const brighter = (by: number) => withAttack((x) => tf.clipByValue(tf.add(x, by), 0, 1));
  const within = 0.0199 / Math.sqrt(8 * 8 * 3);
  const [row] = await evaluateColumn(brighter(within), column);
  assertClose([row.maxPerturbation], [within], 1e-6);
  const message = /as it left its ball: epsilon is 0\.02, the largest L2 norm is 0\.2/;
  await assert.rejects(evaluateColumn(brighter(0.015), column), message);
});
