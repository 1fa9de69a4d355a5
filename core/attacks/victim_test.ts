import assert from "node:assert/strict";
import { atLeast, option } from "../options.ts";
import { createRandom, type Random } from "../random.ts";
import { assertClose, assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createToyTask, type ToyOutput } from "../testing/toy_task.ts";
import { images8 } from "../testing/victims.ts";
import * as tf from "../tf.ts";
import { createAttack } from "./mod.ts";
import { bpdaVictim, exactVictim, expectationVictim, substituteVictim } from "./system_victims.ts";
import { createVictim, type Victim } from "./victim.ts";

await useTestBackend();

const task = createToyTask();
const target = task.createTarget("toy-net", createRandom(1));
const images = images8(3, 1);
const labels = tf.tensor1d([0, 1, 2], "int32");
const random = createRandom(1);

/** The gradient of the summed cross-entropy in the images. */
async function gradientOf(victim: Victim<ToyOutput, tf.Tensor1D>, seed = 1): Promise<tf.Tensor4D> {
  const objective = victim.objectives["cross-entropy"];
  assert.ok(typeof objective === "function");
  using ascend = victim.ascend!(
    (output: ToyOutput, { labels }: { labels: tf.Tensor1D }) => ({
      gains: [objective(output, labels)],
      read: [],
    }),
    "gradient",
  );
  const { gains: [gain], gradients: [gradient] } = await ascend(
    images,
    { labels },
    createRandom(seed),
  );
  gain.dispose();
  return gradient;
}

/** The same by hand: through `restore`, of O. */
const byHand = (restore: (images: tf.Tensor4D) => tf.Tensor4D, at = images) =>
  tf.grad((x) => {
    const objective = task.objectives["cross-entropy"];
    assert.ok(typeof objective === "function");
    return tf.sum(objective(target.forward(restore(x as tf.Tensor4D)), labels));
  })(at) as tf.Tensor4D;

/** Rounds to steps of a fifth; its stand-in is the identity. */
const rounding = {
  name: "rounding",
  variables: [],
  restore: (images: tf.Tensor4D) =>
    Promise.resolve(tf.tidy(() => tf.div(tf.round(tf.mul(images, 5)), 5) as tf.Tensor4D)),
  gradient: { exact: false, apply: (images: tf.Tensor4D) => images },
};

/** Squares, exactly. */
const squaring = {
  name: "squaring",
  variables: [],
  restore: (images: tf.Tensor4D) => Promise.resolve(tf.square(images)),
  gradient: { exact: true, apply: (images: tf.Tensor4D) => tf.square(images) },
};

/** Multiplies each image by its own random factor, from 0 to 2. */
const flickering = {
  name: "flickering",
  variables: [],
  restore: (images: tf.Tensor4D) => Promise.resolve(tf.clone(images)),
  gradient: {
    exact: true,
    draw: (
      [batch]: readonly number[],
      random: Random,
    ) => ({
      factors: tf.tensor4d(random.uniforms(batch, 0, 2), [batch, 1, 1, 1]),
    }),
    apply: (images: tf.Tensor4D, { factors }: tf.TensorContainerObject) =>
      tf.mul(images, factors as tf.Tensor) as tf.Tensor4D,
  },
};

Deno.test("exactVictim gives O's gradient, and the chain rule's through a defense", async () => {
  assertClose(await gradientOf(exactVictim({ task, target })), byHand((x) => x), 1e-5);
  const through = exactVictim({ task, target, defense: squaring });
  assert.equal(through.name, "toy-net behind squaring");
  assertClose(await gradientOf(through), byHand((x) => tf.square(x)), 1e-5);
});

Deno.test("exactVictim draws a random defense's noise from the stream it is given", async () => {
  const victim = exactVictim({ task, target, defense: flickering });
  const gradient = await gradientOf(victim, 3);
  assertClose(await gradientOf(victim, 3), gradient, 0);
  const factors = flickering.gradient.draw(images.shape, createRandom(3));
  assertClose(gradient, byHand((x) => flickering.gradient.apply(x, factors)), 1e-5);
  assert.ok(tf.max(tf.abs(tf.sub(gradient, await gradientOf(victim, 4)))).dataSync()[0] > 0);
});

Deno.test("exactVictim refuses a defense whose gradient is approximate or absent", () => {
  for (const defense of [rounding, { ...rounding, gradient: undefined }]) {
    assert.throws(
      () => exactVictim({ task, target, defense }),
      /"rounding" has no exact gradient/,
    );
  }
  assert.throws(() => bpdaVictim({ task, target }), /its defense has no gradient/);
});

Deno.test("bpdaVictim answers as the real defense does, and takes O's gradient at what it restored", async () => {
  const victim = bpdaVictim({ task, target, defense: rounding });
  const restored = await rounding.restore(images);
  using read = victim.forward(
    (output: ToyOutput, _: tf.TensorContainerObject) => output.logits,
    "read",
  );
  assertClose(await read(images, {}, random), target.forward(restored).logits, 1e-5);
  assertClose(await gradientOf(victim), byHand((x) => x, restored), 1e-5);
  await assertNoLeak(async () => (await gradientOf(victim)).dispose());
});

Deno.test("bpdaVictim pulls the gradient back through the stand-in at the images", async () => {
  const defense = {
    ...rounding,
    gradient: { exact: false, apply: (x: tf.Tensor4D) => tf.square(x) as tf.Tensor4D },
  };
  const victim = bpdaVictim({ task, target, defense });
  const outer = byHand((x) => x, await rounding.restore(images));
  assertClose(await gradientOf(victim), tf.mul(outer, tf.mul(images, 2)), 1e-5);
});

Deno.test("bpdaVictim's stand-in has the noise that the images were restored with", async () => {
  const { draw, apply } = flickering.gradient;
  const used: number[][] = [];
  const defense = {
    ...flickering,
    restore: (images: tf.Tensor4D, random: Random) => {
      const noise = draw(images.shape, random);
      used.push([...noise.factors.dataSync()]);
      return Promise.resolve(apply(images, noise));
    },
    gradient: { ...flickering.gradient, exact: false },
  };
  const gradient = await gradientOf(bpdaVictim({ task, target, defense }));
  const factors = tf.tensor4d(used[0], [3, 1, 1, 1]);
  const outer = byHand((x) => x, apply(images, { factors }));
  assertClose(gradient, tf.mul(outer, factors), 1e-5);
});

Deno.test("a victim whose defense fails keeps no tensor", async () => {
  const failing = {
    ...flickering,
    gradient: {
      ...flickering.gradient,
      exact: false,
      draw: () => {
        throw new Error("no noise");
      },
    },
  };
  await assertNoLeak(async () => {
    await assert.rejects(gradientOf(bpdaVictim({ task, target, defense: failing })), /no noise/);
  });
  const single = exactVictim({ task, target, defense: flickering });
  let asked = 0;
  const mean = expectationVictim({
    ...single,
    ascend: (ask, name) => {
      const once = single.ascend!(ask, name);
      const query: typeof once = Object.assign(
        (...given: Parameters<typeof once>) =>
          asked++ % 3 === 2 ? Promise.reject(new Error("third draw")) : once(...given),
        { [Symbol.dispose]: () => once[Symbol.dispose]() },
      );
      return query;
    },
  }, 3);
  await assertNoLeak(async () => {
    await assert.rejects(gradientOf(mean), /third draw/);
  });
});

Deno.test("pgd breaks a defense that only hides its gradient, by BPDA", async () => {
  using alone = createAttack(
    { name: "pgd", epsilon: 0.3, steps: 20 },
    exactVictim({ task, target }),
  );
  using through = createAttack(
    { name: "pgd", epsilon: 0.3, steps: 20 },
    bpdaVictim({ task, target, defense: rounding }),
  );
  const lossBehind = async (adversarial: tf.Tensor4D) => {
    const { logits } = target.forward(await rounding.restore(adversarial));
    return tf.mean(tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits)).dataSync()[0];
  };
  const before = await lossBehind(images);
  const unaware = await lossBehind(await alone.perturb(images, labels, random));
  const aware = await lossBehind(await through.perturb(images, labels, random));
  assert.ok(aware > before && aware > 0.9 * unaware, `${before}, ${unaware}, ${aware}`);
});

Deno.test("expectationVictim is the mean of single draws, each from a stream of its own", async () => {
  const single = exactVictim({ task, target, defense: flickering });
  const mean = expectationVictim(single, 3);
  const draws = await Promise.all([0, 1, 2].map(async (draw) => {
    const factors = flickering.gradient.draw(images.shape, createRandom(5).fork("draw", draw));
    return await Promise.resolve(byHand((x) => flickering.gradient.apply(x, factors)));
  }));
  assertClose(await gradientOf(mean, 5), tf.div(tf.addN(draws), 3), 1e-5);
  await assertNoLeak(async () => (await gradientOf(mean)).dispose());
  for (const draws of [0, 1.5]) {
    assert.throws(() => expectationVictim(single, draws), /draws must be an integer above 0/);
  }
  const { ascend: _, ...black } = single;
  assert.throws(() => expectationVictim(black, 2), /it has no gradient/);
});

Deno.test("substituteVictim answers for itself and ascends by the other", async () => {
  using other = task.createTarget("toy-net", createRandom(2));
  const victim = substituteVictim(
    exactVictim({ task, target }),
    exactVictim({ task, target: other }),
  );
  assertClose(
    await gradientOf(victim),
    await gradientOf(exactVictim({ task, target: other })),
    1e-6,
  );
  using read = victim.forward(
    (output: ToyOutput, _: tf.TensorContainerObject) => output.logits,
    "read",
  );
  assertClose(await read(images, {}, random), target.forward(images).logits, 1e-5);
  const { ascend: _, ...black } = exactVictim({ task, target: other });
  assert.throws(
    () => substituteVictim(exactVictim({ task, target }), black),
    /the substitute has no gradient/,
  );
});

Deno.test("an attack on a black box that needs a gradient says so", () => {
  const { ascend: _, ...black } = exactVictim({ task, target });
  assert.throws(
    () => createAttack({ name: "pgd", epsilon: 0.1 }, black),
    /Cannot attack "toy-net" with "pgd" as it has no gradient/,
  );
});

Deno.test("a gain with a default for its third argument is given two, whatever its length", async () => {
  const values: number[] = [];
  const victim = createVictim<tf.Tensor1D, tf.Tensor1D>({
    name: "sum",
    forward: (images) => tf.sum(images, [1, 2, 3]) as tf.Tensor1D,
    objectives: {
      distance: { reference: true, value: (sum, _, clean) => tf.square(tf.sub(sum, clean)) },
      plain: (sum, _labels, clean = sum) => {
        values.push(clean === sum ? 1 : 0);
        return sum;
      },
    },
  });
  const start = tf.fill<tf.Rank.R4>([1, 1, 1, 3], 0.5);
  using referenced = createAttack({ name: "pgd", epsilon: 0.25, objective: "distance" }, victim);
  const moved = await referenced.perturb(start, labels, createRandom(1));
  assertClose(tf.abs(tf.sub(moved, start)), [0.25, 0.25, 0.25], 1e-6);
  using plain = createAttack({ name: "pgd", epsilon: 0.25, objective: "plain" }, victim);
  await plain.perturb(start, labels, createRandom(1));
  assert.ok(values.length > 0 && values.every((value) => value === 1));
});

Deno.test("options of a task's own attack are its own, and wrong ones are refused with a suggestion", () => {
  const own = {
    title: "Mine",
    version: 1,
    options: { momentum: option(0.75, atLeast(0), "share of the last step that is kept") },
    create: () => ({
      perturb: (clean: tf.Tensor4D) => Promise.resolve(tf.clone(clean)),
      [Symbol.dispose]() {},
    }),
  };
  const victim = exactVictim({ task, target });
  using attack = createAttack({ name: "mine", epsilon: 0.1, momentum: 0.5 }, victim, { mine: own });
  assert.deepEqual(attack.settings, { name: "mine", epsilon: 0.1, momentum: 0.5 });
  assert.throws(
    () => createAttack({ name: "mine", epsilon: 0.1, momentun: 0.5 }, victim, { mine: own }),
    /Cannot set up "mine" as it has no option "momentun": did you mean "momentum"\?/,
  );
});
