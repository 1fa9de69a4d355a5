import { type Box, createRandom } from "@realign/core";
import { record } from "@realign/core/backend";
import { assertClose, assertGradient, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { encodeLabels } from "./labels.ts";
import { matchPriors } from "./matching.ts";
import { fabricateObjective, objectnessObjective, vanishObjective } from "./presence.ts";
import { listPriors, smallLayout } from "./priors.ts";

await useTestBackend();

const K = 3;
const priorValues = listPriors(smallLayout([4, 2, 1]));
const P = priorValues.length / 4;
const box = (x: number, y: number, index: number): Box => ({
  box: [x, y, x + 0.4, y + 0.4],
  class: index,
  difficult: false,
});
const labels = encodeLabels([{ boxes: [box(0.1, 0.15, 2), box(0.55, 0.5, 1)] }, { boxes: [] }], K);
const logits = tf.tensor3d(createRandom(1, "presence").normals(2 * P * (K + 1), 2), [2, P, K + 1]);
const priors = tf.tile(tf.tensor3d(priorValues, [1, P, 4]), [2, 1, 1]) as tf.Tensor3D;
const output = { logits, priors };

const shares = logits.arraySync().map((rows) =>
  rows.map((row) => {
    const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
    return row.map((value) => Math.exp(value) / total);
  })
);
const positive = matchPriors(priors, labels).positive.arraySync();
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

Deno.test("vanish is the mean log of the background's share, over all priors", () => {
  assertClose(
    vanishObjective(output),
    shares.map((rows) => mean(rows.map(([background]) => Math.log(background)))),
  );
});

Deno.test("fabricate is the mean log of the likeliest object's share, over priors without a box", () => {
  assertClose(
    fabricateObjective(output, labels),
    shares.map((rows, row) =>
      mean(
        rows.filter((_, at) => positive[row][at] === 0)
          .map(([, ...objects]) => Math.log(Math.max(...objects))),
      )
    ),
  );
});

Deno.test("objectness is the cross-entropy of object or not, of positives and hard negatives", () => {
  const [rows] = shares;
  const missed = rows.filter((_, at) => positive[0][at] === 1)
    .map(([background]) => -Math.log(1 - background));
  const madeUp = rows.filter((_, at) => positive[0][at] === 0)
    .map(([background]) => -Math.log(background)).sort((a, b) => b - a);
  const expected = (sum(missed) + sum(madeUp.slice(0, 3 * missed.length))) / missed.length;
  assertClose(objectnessObjective(output, labels), [expected, 0], 1e-4);
});

const objectives = {
  vanish: (logits: tf.Tensor3D) => vanishObjective({ logits }),
  fabricate: (logits: tf.Tensor3D) => fabricateObjective({ logits, priors }, labels),
  objectness: (logits: tf.Tensor3D) => objectnessObjective({ logits, priors }, labels),
};
for (const [name, objective] of Object.entries(objectives)) {
  Deno.test(`${name} has the gradient of finite differences, recorded too`, () => {
    const total = (x: tf.Tensor) => tf.sum(objective(x as tf.Tensor3D)) as tf.Scalar;
    assertGradient(total, [logits], { step: 1e-2, coordinates: 40 });
    using recorded = record(({ x }: { x: tf.Tensor3D }) => tf.grad(total)(x));
    assertClose(recorded({ x: logits }), tf.grad(total)(logits), 1e-5);
  });

  Deno.test(`${name} is finite, with its gradient, where a share is 0`, () => {
    const sure = tf.mul(logits, 1000) as tf.Tensor3D;
    const gradient = tf.grad((x) => tf.sum(objective(x as tf.Tensor3D)))(sure);
    for (const numbers of [objective(sure), gradient]) {
      assertClose(tf.cast(tf.isFinite(numbers), "float32"), new Array(numbers.size).fill(1));
    }
  });
}
