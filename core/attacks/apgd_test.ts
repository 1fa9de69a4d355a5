import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import {
  classifier,
  images8,
  linearClassifier,
  maxDifference,
  network,
  predict,
} from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { absorb, beginApgd, checkpointsOf, halve, move } from "./apgd_state.ts";
import { linf, norms } from "./ball.ts";
import {
  createApgd,
  createAttack,
  createClimb,
  createVictim,
  crossEntropy,
  margin,
} from "./mod.ts";
import { createStart } from "./start.ts";

await useTestBackend();

const victim = network(3);
const clean = images8(6, 1);
const labels = predict(victim, clean);

Deno.test("checkpointsOf are those of the original, for 100 steps and for 50", () => {
  assert.deepEqual([...checkpointsOf(100).keys()], [22, 41, 57, 70, 80, 87, 93, 99]);
  assert.deepEqual([...checkpointsOf(50).keys()].slice(0, 5), [11, 21, 30, 38, 45]);
  assert.deepEqual([...checkpointsOf(1).keys()], [1]);
});

for (const norm of [norms.linf, norms.l2]) {
  Deno.test(`a start on the surface of the ${norm.name} ball touches it with each image`, () => {
    const grey = tf.fill([5, 4, 4, 3], 0.5) as tf.Tensor4D;
    // deno-lint-ignore no-explicit-any -- the bounds of either norm
    const start = createStart<any>(norm, "surface", 0.2);
    const images = start(grey, norm.around(grey, 0.2), createRandom(1));
    assertClose(norm.length(tf.sub(images, grey)), Array(5).fill(0.2));
  });
}

/** Rows of weights, and images so far inside that the box cuts nothing off. */
const rows = [0, 1].map((row) => [...createRandom(4, "row", row).normals(12, 1)]);
const middle = tf.tensor4d(createRandom(5).uniforms(24, 0.4, 0.6), [2, 2, 2, 3]);

Deno.test("apgd reaches the corner of a linear classifier's ball in step 1 and stays; every checkpoint halves its step", () => {
  const epsilon = 0.125;
  const zeros = tf.tensor1d([0, 0], "int32");
  const linear = linearClassifier(rows, [0, 0]);
  const evaluate = (images: tf.Tensor4D) => {
    const { value, grad } = tf.valueAndGrad((x) => margin(linear.predict(x as tf.Tensor4D), zeros))(
      images,
    );
    return {
      gain: value as tf.Tensor1D,
      gradient: grad as tf.Tensor4D,
      success: tf.zerosLike(value) as tf.Tensor1D,
    };
  };
  const direction = rows[0].map((own, index) => Math.sign(rows[1][index] - own) * epsilon);
  const corner = tf.add(middle, tf.tensor(direction, [1, 2, 2, 3])) as tf.Tensor4D;
  const ball = linf.around(middle, epsilon);
  const start = createStart(linf, "surface", epsilon)(middle, ball, createRandom(3));
  let state = move(beginApgd(start, evaluate(start), tf.scalar(2 * epsilon)), ball, linf, true);
  assertClose(state.images, corner, 1e-6);
  const checkpoints = checkpointsOf(100);
  for (let taken = 1; taken <= 100; taken++) {
    state = absorb(state, evaluate(state.images));
    const window = checkpoints.get(taken);
    if (window) state = halve(state, tf.scalar(0.75 * window));
    state = move(state, ball, linf, false);
    assertClose(state.images, corner, 1e-6);
  }
  assertClose(tf.mul(state.stepSize, 256 / (2 * epsilon)), [1, 1], 1e-6);
});

/** APGD in the L-infinity ball written out for single images and plain numbers, after the paper's Algorithm 1. */
function writtenOut(start: tf.Tensor4D, epsilon: number, steps: number): number[][] {
  const flat = (images: tf.Tensor) => tf.reshape(images, [6, -1]).arraySync() as number[][];
  const centre = flat(clean);
  const evaluate = (rows: number[][]) => {
    const images = tf.tensor(rows.flat(), clean.shape) as tf.Tensor4D;
    const loss = (x: tf.Tensor) => crossEntropy(victim.predict(x as tf.Tensor4D), labels);
    const { value, grad } = tf.valueAndGrad(loss)(images);
    const said = predict(victim, images).dataSync();
    const right = labels.dataSync();
    return {
      losses: [...value.dataSync()],
      gradients: flat(grad),
      wrong: [...said].map((one, index) => one !== right[index]),
    };
  };
  let x = flat(start);
  let old = x;
  let now = evaluate(x);
  let gradients = now.gradients;
  const best = x.map((image, b) => ({ image, loss: now.losses[b], gradient: gradients[b] }));
  const kept = x.map((image, b) => now.wrong[b] ? image : undefined);
  const stepSizes = x.map(() => 2 * epsilon);
  const traces: number[][] = [];
  let checked = best.map(({ loss }) => loss);
  let halved = x.map(() => true);
  let [window, since] = [Math.max(Math.floor(0.22 * steps), 1), 0];
  for (let step = 0; step < steps; step++) {
    const share = step === 0 ? 1 : 0.75;
    const into = (b: number, i: number, value: number) =>
      Math.min(
        1,
        Math.max(0, Math.min(centre[b][i] + epsilon, Math.max(centre[b][i] - epsilon, value))),
      );
    const next = x.map((image, b) =>
      image.map((value, i) => {
        const z = into(b, i, value + stepSizes[b] * Math.sign(gradients[b][i]));
        return into(b, i, value + share * (z - value) + (1 - share) * (value - old[b][i]));
      })
    );
    [old, x] = [x, next];
    now = evaluate(x);
    gradients = now.gradients;
    traces.push(now.losses);
    x.forEach((image, b) => {
      if (now.wrong[b]) kept[b] = image;
      if (now.losses[b] > best[b].loss) {
        best[b] = { image, loss: now.losses[b], gradient: gradients[b] };
      }
    });
    if (++since < window) continue;
    const halving = x.map((_, b) => {
      let rises = 0;
      for (let at = step - window + 1; at <= step; at++) {
        // Before the first step the original finds a 0.
        if (traces[at][b] > (at > 0 ? traces[at - 1][b] : 0)) rises++;
      }
      return rises <= 0.75 * window || (!halved[b] && checked[b] >= best[b].loss);
    });
    halved = halving;
    checked = best.map(({ loss }) => loss);
    x = x.map((image, b) => halving[b] ? best[b].image : image);
    gradients = gradients.map((gradient, b) => halving[b] ? best[b].gradient : gradient);
    halving.forEach((yes, b) => stepSizes[b] /= yes ? 2 : 1);
    window = Math.max(
      window - Math.max(Math.floor(0.03 * steps), 1),
      Math.max(Math.floor(0.06 * steps), 1),
    );
    since = 0;
  }
  return best.map(({ image }, b) => kept[b] ?? image);
}

Deno.test("apgd-ce equals its definition, written out for single images", async () => {
  for (const epsilon of [0.02, 0.1]) {
    using attack = createAttack({ name: "apgd-ce", epsilon, steps: 25 }, victim);
    const adversarial = await attack.perturb(clean, labels, createRandom(9));
    const start = createStart(linf, "surface", epsilon)(
      clean,
      linf.around(clean, epsilon),
      createRandom(9, "start", 0),
    );
    const expected = tf.tensor(writtenOut(start, epsilon, 25).flat(), clean.shape);
    const differing =
      tf.mean(tf.cast(tf.greater(tf.abs(tf.sub(expected, adversarial)), 1e-5), "float32"))
        .dataSync()[0];
    assert.ok(differing <= 0.01, `${100 * differing} % of the pixels differ at ${epsilon}`);
  }
});

/** A victim that says how bright images are, without logits. */
const light = createVictim({
  name: "light",
  forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
  objectives: {},
});
const brightness = { reference: false, value: (sum: tf.Tensor1D) => sum };
const given = { labels: [], reference: undefined, progress: tf.scalar(0), drawn: undefined };

Deno.test("a climb keeps the last iterate that succeeds furthest, the start included", async () => {
  const from = { start: middle, clean: middle, epsilon: 0.1, steps: 5 };
  const darkerThan = (sum: number) => ({
    gain: brightness,
    success: (output: tf.Tensor1D) => tf.cast(tf.less(output, sum), "float32") as tf.Tensor1D,
  });
  const before = tf.sum(middle, [1, 2, 3]).dataSync();
  using never = createClimb("never", linf, light, darkerThan(0));
  assertClose(await never(from, given, createRandom(1)), tf.add(middle, 0.1), 1e-6);
  using first = createClimb("first", linf, light, darkerThan(Math.max(...before) + 0.1));
  assert.equal(maxDifference(await first(from, given, createRandom(1)), middle), 0);
  const near = { ...brightness, value: (sum: tf.Tensor1D) => tf.neg(tf.abs(sum)) as tf.Tensor1D };
  using further = createClimb("further", linf, light, {
    gain: near,
    success: (output) => tf.sub(100, output) as tf.Tensor1D,
  });
  assertClose(await further(from, given, createRandom(1)), tf.sub(middle, 0.1), 1e-6);
});

Deno.test("a climb halves by its control, and goes where its gain says", async () => {
  const from = { start: middle, clean: middle, epsilon: 0.1, steps: 5 };
  const darkness = { reference: false, value: (sum: tf.Tensor1D) => tf.neg(sum) as tf.Tensor1D };
  // Each step raises the gain and lowers the control: the best iterate is the start.
  using climb = createClimb("apart", linf, light, { gain: brightness, control: darkness });
  assert.equal(maxDifference(await climb(from, given, createRandom(1)), middle), 0);
});

Deno.test("apgd-t counts any misclassification, and apgd-t, apgd-dlr name the classes they need", async () => {
  const attack = (name: string, classes: number) => {
    const weights = Array.from(
      { length: classes },
      (_, row) => [...createRandom(8, row).normals(12, 1)],
    );
    const small = linearClassifier(weights, Array(classes).fill(0));
    using attack = createAttack({ name, epsilon: 0.1, steps: 3 }, small);
    return attack.perturb(middle, predict(small, middle), createRandom(1));
  };
  await assert.rejects(
    attack("apgd-t", 3),
    /"apgd-t" as it must have at least 4 classes: current value is 3/,
  );
  await assert.rejects(attack("apgd-t", 1), /at least 4 classes: current value is 1/);
  await assert.rejects(
    attack("apgd-dlr", 2),
    /DLR as logits must have at least 3 classes: current value is 2/,
  );
  for (const [name, classes] of [["apgd-t", 4], ["apgd-dlr", 3], ["apgd-ce", 2]] as const) {
    (await attack(name, classes)).dispose();
  }
});

Deno.test("apgd-t asks no further gradients once all examples are misclassified", async () => {
  const asked = { gradients: 0 };
  const counting = {
    ...victim,
    ascend: ((ask, name) => {
      const query = victim.ascend!(ask, name);
      const counted = (...inputs: Parameters<typeof query>) => {
        asked.gradients++;
        return query(...inputs);
      };
      return Object.assign(counted, { [Symbol.dispose]: () => query[Symbol.dispose]() });
    }) as NonNullable<typeof victim.ascend>,
  };
  for (const [epsilon, targets] of [[0.5, 1], [1e-6, 3]] as const) {
    asked.gradients = 0;
    using attack = createAttack({ name: "apgd-t", epsilon, steps: 4 }, counting);
    (await attack.perturb(clean, labels, createRandom(1))).dispose();
    assert.equal(asked.gradients, targets * 5);
  }
});

Deno.test("apgd takes several inputs of its gain in turn, and keeps the strongest result", async () => {
  const signs = [tf.scalar(-1), tf.scalar(1)];
  using attack = createApgd({ name: "both", epsilon: 0.1, steps: 4 }, light, {
    gain: {
      reference: false,
      value: (sum, { drawn }) => tf.mul(sum, drawn!.sign as tf.Scalar) as tf.Tensor1D,
    },
    compared: brightness,
    runs: () => Promise.resolve(signs.map((sign) => ({ sign: tf.clone(sign) }))),
  });
  assertClose(await attack.perturb(middle, [], createRandom(1)), tf.add(middle, 0.1), 1e-6);
});

Deno.test("apgd leaves nothing behind when its victim fails", async () => {
  const failing = classifier("failing", () => {
    throw new Error("Cannot go on");
  });
  for (const name of ["apgd-ce", "apgd-t"]) {
    using attack = createAttack({ name, epsilon: 0.1, restarts: 2 }, failing);
    const before = tf.memory().numTensors;
    await assert.rejects(attack.perturb(clean, labels, createRandom(1)), /Cannot go on/);
    assert.equal(tf.memory().numTensors, before);
  }
});
