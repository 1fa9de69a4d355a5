import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import type { AttackSettings } from "./attack.ts";
import { createAttack } from "./mod.ts";
import { crossEntropy, margin } from "./objectives.ts";
import { pattern } from "./square_l2.ts";
import { drawWindow, maskOf, shareOf, sideOf } from "./square_windows.ts";
import type { Victim } from "./victim.ts";
import {
  distances,
  images8,
  linearClassifier,
  maxDifference,
  network,
  predict,
} from "../testing/victims.ts";

await useTestBackend();

const victim = network(3);
const { ascend: _, ...blackBox } = victim;
const clean = images8(8, 1);
const labels = predict(victim, clean);

type Attacked = Victim<tf.Tensor2D, tf.Tensor1D>;

async function perturb(
  settings: Partial<AttackSettings>,
  of: Attacked = blackBox,
  seed = 1,
): Promise<tf.Tensor4D> {
  using attack = createAttack({ name: "square", epsilon: 0.1, queries: 60, ...settings }, of);
  return await attack.perturb(clean, labels, createRandom(seed));
}

/** A victim that counts its forward queries and keeps the images asked about. */
function watched(of: Attacked): { victim: Attacked; asked: tf.Tensor4D[] } {
  const asked: tf.Tensor4D[] = [];
  const forward: Attacked["forward"] = (read, name) => {
    const query = of.forward(read, name);
    return Object.assign((...given: Parameters<typeof query>) => {
      asked.push(tf.clone(given[0]));
      return query(...given);
    }, { [Symbol.dispose]: () => query[Symbol.dispose]() });
  };
  return { victim: { ...of, forward }, asked };
}

const fools = (images: tf.Tensor4D) => tf.notEqual(predict(victim, images), labels).dataSync();

Deno.test("the windows' sides at 32x32 are those of the paper, and end at 3 after 5,000 queries", () => {
  const sides = (queries: number, rescaled: boolean) => [
    ...new Set(
      Array.from(
        { length: queries },
        (_, index) =>
          sideOf([1, 32, 32, 3], shareOf(index, 0.8, rescaled ? queries : undefined), 1),
      ),
    ),
  ];
  assert.deepEqual(sides(10000, false), [29, 20, 14, 10, 7, 5, 4, 3, 2, 1]);
  assert.deepEqual(sides(5000, false), [29, 20, 14, 10, 7, 5, 4, 3]);
  assert.deepEqual(sides(5000, true), [29, 20, 14, 10, 7, 5, 4, 3, 2, 1]);
  assert.equal(sideOf([1, 8, 100, 3], 0.8, 1), 8, "a window lies within the image");
});

Deno.test("a mask is 1 in its window, which lies within the image", () => {
  const { rows, columns } = maskOf([1, 4, 5, 3], { top: 1, left: 2, side: 2 });
  assert.deepEqual(tf.mul(rows, columns).reshape([4, 5]).arraySync(), [
    [0, 0, 0, 0, 0],
    [0, 0, 1, 1, 0],
    [0, 0, 1, 1, 0],
    [0, 0, 0, 0, 0],
  ]);
  const random = createRandom(1);
  for (let index = 0; index < 200; index++) {
    const side = 1 + index % 8;
    const { top, left } = drawWindow([1, 8, 9, 3], side, random);
    assert.ok(top >= 0 && left >= 0 && top + side <= 8 && left + side <= 9);
  }
});

Deno.test("the L2 pattern has length 1, falls from two middles, and is negative in its second half", () => {
  for (const side of [1, 3, 4, 7]) {
    for (const turned of [false, true]) {
      const rows = pattern(side, turned);
      assert.deepEqual([rows.length, rows[0].length], [side, side]);
      assert.ok(Math.abs(Math.hypot(...rows.flat()) - 1) < 1e-12);
    }
  }
  const [upper, middle, lower] = pattern(3, false);
  // The upper pyramid is one row: 1 + 1/4 in the middle, 1/4 beside it; the lower one two rows.
  assert.ok(Math.abs(upper[1] / upper[0] - 5) < 1e-12);
  assert.ok([...middle, ...lower].every((value) => value < 0));
  assert.ok(Math.abs(lower[1] / lower[0] - 5) < 1e-12);
  const norm = (row: number[]) => row.reduce((sum, value) => sum + value ** 2, 0);
  assert.ok(Math.abs(norm(upper) - norm(middle) - norm(lower)) < 1e-12);
  assert.deepEqual(pattern(3, true).map((row) => row[0]), upper);
});

Deno.test("square (linf) starts with stripes, and asks about corners of the ball", async () => {
  const { victim: counted, asked } = watched(blackBox);
  const epsilon = 0.01;
  await perturb({ epsilon, queries: 5 }, counted);
  assert.equal(asked.length, 7, "clean, start, 5 windows");
  assert.equal(maxDifference(asked[0], clean), 0);
  const inside = tf.logicalAnd(tf.greater(clean, epsilon), tf.less(clean, 1 - epsilon));
  for (const images of asked.slice(1)) {
    const change = tf.abs(tf.sub(tf.abs(tf.sub(images, clean)), epsilon));
    assert.ok(tf.max(tf.where(inside, change, tf.zerosLike(change))).dataSync()[0] < 1e-6);
  }
  const signs = tf.sign(tf.sub(asked[1], clean)).arraySync() as number[][][][];
  for (const [image, rows] of signs.entries()) {
    for (const column of rows[0].keys()) {
      const ups = new Set(rows.map((row) => row[column][1]).filter((sign) => sign !== 0));
      assert.ok(ups.size <= 1, `column ${column} of image ${image} is no stripe`);
    }
  }
});

Deno.test("square (linf) changes one window, by one colour, in all images alike", async () => {
  const { victim: counted, asked } = watched(linearClassifier(
    // Nothing ever gains: every candidate is the start with one window.
    [Array(192).fill(0), Array(192).fill(0)],
    [1, 0],
  ));
  const epsilon = 0.01;
  using attack = createAttack({ name: "square", epsilon, queries: 12 }, counted);
  const zeros = tf.zeros<tf.Rank.R1>([8], "int32");
  const grey = tf.fill<tf.Rank.R4>([8, 8, 8, 3], 0.5);
  const kept = await attack.perturb(grey, zeros, createRandom(3));
  assert.equal(maxDifference(kept, asked[1]), 0, "the start is kept");
  for (const [index, images] of asked.slice(2).entries()) {
    const changed = tf.greater(tf.abs(tf.sub(images, asked[1])), 1e-6);
    // With either sign of the start, a pixel of the window is changed in some of 8 images, with 1 - 2^-8.
    const rows = tf.any(changed, [0, 2, 3]).dataSync().filter(Boolean).length;
    const side = index <= 10 ? 7 : 5;
    assert.ok(rows <= side, `${rows} rows of at most ${side}`);
    const signs = tf.sign(tf.sub(images, asked[1]));
    const [up, down] = [tf.max(signs, [0, 1, 2]).dataSync(), tf.min(signs, [0, 1, 2]).dataSync()];
    for (const channel of [0, 1, 2]) assert.ok(!(up[channel] > 0 && down[channel] < 0));
  }
});

for (const norm of ["linf", "l2"] as const) {
  const epsilon = norm === "l2" ? 1 : 0.1;

  Deno.test(`square (${norm}) only ever asks about images in the ball and in [0, 1]`, async () => {
    const { victim: counted, asked } = watched(blackBox);
    await perturb({ norm, epsilon, queries: 40 }, counted);
    const far = (image: tf.Tensor4D, from: tf.Tensor4D) =>
      norm === "l2" ? distances(image, from)[0] : maxDifference(image, from);
    const singles = (images: tf.Tensor4D) => tf.split(images, images.shape[0]) as tf.Tensor4D[];
    for (const images of asked) {
      for (const image of singles(images)) {
        // A batch gets smaller, so that the place of an image does not tell whose it is.
        const nearest = Math.min(...singles(clean).map((from) => far(image, from)));
        assert.ok(nearest <= epsilon + 1e-5, `${nearest}`);
      }
      assert.ok(images.dataSync().every((value) => value >= 0 && value <= 1));
    }
  });

  Deno.test(`square (${norm}) gains with its queries, on a black box`, async () => {
    const gains = async (queries: number) =>
      margin(
        victim.predict(await perturb({ norm, epsilon: epsilon / 5, queries })),
        labels,
      ).arraySync();
    const [few, many] = [await gains(1), await gains(150)];
    assert.ok(many.every((value, index) => value >= few[index] - 1e-5));
    const rise = many.reduce((sum, value, index) => sum + value - few[index], 0) / many.length;
    assert.ok(rise > 0.1, `the mean margin rose by ${rise}`);
  });

  Deno.test(`square (${norm}) with restarts fools at least as many`, async () => {
    const settings = { norm, epsilon: epsilon / 3, queries: 10 };
    const [once, often] = [
      fools(await perturb(settings)),
      fools(await perturb({ ...settings, restarts: 3 })),
    ];
    assert.ok(once.every((fooled, index) => often[index] >= fooled));
  });

  Deno.test(`square (${norm}) through an objective leaves nothing behind where there are no logits`, async () => {
    const { logits: _logits, classOf: _classOf, ...blind } = blackBox;
    using attack = createAttack(
      { name: "square", norm, epsilon, queries: 5, objective: "kl" },
      blind,
    );
    await assertNoLeak(async () =>
      (await attack.perturb(clean, labels, createRandom(1))).dispose()
    );
  });
}

Deno.test("square climbs towards the corner of a linear victim", async () => {
  const weights = [...createRandom(4).normals(192, 1)];
  const linear = linearClassifier([weights, Array(192).fill(0)], [100, 0]);
  using attack = createAttack(
    { name: "square", epsilon: 0.1, queries: 800, rescaled: true },
    linear,
  );
  const grey = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.5);
  const zeros = tf.zeros<tf.Rank.R1>([1], "int32");
  const adversarial = await attack.perturb(grey, zeros, createRandom(1));
  const corner = tf.sub<tf.Tensor4D>(
    grey,
    tf.mul(0.1, tf.reshape(tf.sign(tf.tensor1d(weights)), [1, 8, 8, 3])),
  );
  const value = (images: tf.Tensor4D) => linear.predict(images).arraySync()[0][0];
  const share = (value(grey) - value(adversarial)) / (value(grey) - value(corner));
  // Of 64 pixels 15 lie in the last row or column, which single pixels never reach.
  assert.ok(share > 0.5, `${share} of the way`);
});

Deno.test("square stops once all are fooled, and asks only once where all are wrong already", async () => {
  const { victim: counted, asked } = watched(blackBox);
  await perturb({ epsilon: 0.5, queries: 1000 }, counted);
  assert.ok(asked.length < 500, `${asked.length} queries`);
  asked.length = 0;
  using attack = createAttack({ name: "square", epsilon: 0.1, queries: 1000 }, counted);
  const wrong = tf.cast(tf.mod(tf.add(labels, 1), 4), "int32") as tf.Tensor1D;
  const same = await attack.perturb(clean, wrong, createRandom(1));
  assert.equal(maxDifference(same, clean), 0);
  assert.equal(asked.length, 1);
});

Deno.test("square changes no image any more that is misclassified", async () => {
  const { victim: counted, asked } = watched(blackBox);
  const adversarial = await perturb({ epsilon: 0.15, queries: 40 }, counted);
  const first = new Map<number, tf.Tensor4D>();
  for (const images of asked.filter(({ shape: [count] }) => count === 8)) {
    for (const [index, fooled] of fools(images).entries()) {
      if (fooled && !first.has(index)) first.set(index, images);
    }
  }
  assert.ok(first.size > 0);
  for (const [index, images] of first) {
    const one = (of: tf.Tensor4D) => tf.slice(of, [index, 0, 0, 0], [1, 8, 8, 3]);
    assert.equal(maxDifference(one(adversarial), one(images)), 0);
  }
});

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`square (${norm}) goes on with those that are left, in smaller batches`, async () => {
    const { victim: counted, asked } = watched(blackBox);
    const epsilon = norm === "l2" ? 1.5 : 0.15;
    using attack = createAttack({ name: "square", norm, epsilon, queries: 300 }, counted);
    const left = [1, 6];
    const given = tf.tensor1d(
      Array.from(labels.dataSync(), (label, row) => left.includes(row) ? label : (label + 1) % 4),
      "int32",
    );
    const adversarial = await attack.perturb(clean, given, createRandom(1));
    const [first, ...others] = asked.map(({ shape }) => shape[0]);
    assert.deepEqual([first, Math.max(...others)], [8, 2], "no place for others");
    const far = distances(adversarial, clean);
    assert.ok(far.every((distance, row) => (distance > 0) === left.includes(row)), `${far}`);
    const most = norm === "l2" ? Math.max(...far) : maxDifference(adversarial, clean);
    assert.ok(most <= epsilon + 1e-5, "each about its own image");

    asked.length = 0;
    const all = await attack.perturb(clean, labels, createRandom(2));
    const sizes = asked.map(({ shape }) => shape[0]);
    assert.ok(sizes.every((size, query) => query === 0 || size <= sizes[query - 1]), `${sizes}`);
    const fooled = [...fools(all)].filter(Boolean).length;
    assert.ok(sizes.at(-1)! < 8, `${fooled} fooled`);
    assert.ok(fooled >= 8 - sizes.at(-1)!, "what has left the batch stays fooled");
    using unwatched = createAttack({ name: "square", norm, epsilon, queries: 300 }, blackBox);
    await assertNoLeak(async () =>
      (await unwatched.perturb(clean, labels, createRandom(2))).dispose()
    );
  });
}

Deno.test("square needs an objective of a victim without logits, uses all of its queries, and ascends it", async () => {
  const { logits: _logits, classOf: _classOf, ...blind } = blackBox;
  assert.throws(
    () => createAttack({ name: "square", epsilon: 0.1 }, blind),
    /the objective "margin" is unknown/,
  );
  const { victim: counted, asked } = watched(blind);
  const objective = "cross-entropy";
  const adversarial = await perturb({ objective, epsilon: 0.3, queries: 50 }, counted);
  assert.equal(asked.length, 52);
  const values = (images: tf.Tensor4D) => crossEntropy(victim.predict(images), labels).arraySync();
  const few = values(await perturb({ objective, epsilon: 0.3, queries: 1 }, blind));
  const many = values(adversarial);
  assert.ok(many.every((value, index) => value >= few[index] - 1e-5));
  assert.ok(many.some((value, index) => value > few[index] + 0.1), `${few}; ${many}`);
});
