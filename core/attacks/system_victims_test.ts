import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertNoLeak } from "../testing/mod.ts";
import {
  byHand,
  flickering,
  gradientOf,
  images,
  rounding,
  target,
  task,
} from "../testing/toy_victims.ts";
import * as tf from "../tf.ts";
import { freezeDefense } from "../defenses/frozen.ts";
import { queryVictim } from "./query_victim.ts";
import { bpdaVictim, exactVictim, expectationVictim, substituteVictim } from "./system_victims.ts";

/** Squares, exactly. */
const squaring = {
  name: "squaring",
  variables: [],
  restore: (images: tf.Tensor4D) => Promise.resolve(tf.square(images)),
  gradient: { exact: true, apply: (images: tf.Tensor4D) => tf.square(images) },
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
  assert.throws(() => bpdaVictim({ task, target }), /as there is no defense/);
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

Deno.test("every victim behind frozen noise says that its answers follow places, and no other", () => {
  const frozen = freezeDefense(flickering, createRandom(1));
  for (const make of [exactVictim, bpdaVictim, queryVictim]) {
    const victim = make({ task, target, defense: frozen });
    assert.equal(victim.positional, true);
    assert.equal(
      substituteVictim(exactVictim({ task, target }), {
        ...exactVictim({ task, target }),
        ...victim,
      }).positional,
      true,
    );
    assert.equal(make({ task, target, defense: flickering }).positional, undefined);
    const still = freezeDefense(rounding, createRandom(1));
    if (make !== exactVictim) {
      assert.equal(make({ task, target, defense: still }).positional, undefined);
    }
  }
  assert.equal(
    expectationVictim(exactVictim({ task, target, defense: frozen }), 2).positional,
    true,
  );
});
