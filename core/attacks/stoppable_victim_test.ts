import assert from "node:assert/strict";
import { identityDefense } from "../defenses/identity.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyTask, firstToyBatch } from "../testing/toy_task.ts";
import { withFourth } from "../testing/toy_victims.ts";
import { pixelManifold } from "../testing/victims.ts";
import { attacks, createAttack, exactVictim, stoppableVictim } from "./mod.ts";

await useTestBackend();
const task = createToyTask();
const target = task.createTarget("toy-net", createRandom(1));
const { images, labels } = await firstToyBatch();

/** Settings besides the defaults. */
const own: Readonly<Record<string, object>> = {
  autoattack: { version: "rand" },
  mixture: { members: [{ name: "pgd" }] },
  strongest: { members: [{ name: "pgd" }] },
  "carlini-wagner": { epsilon: Infinity },
};

Deno.test("every attack on a stoppable victim ends at the next question", async () => {
  // The toy task has too few classes for APGD-T, and Gaussian noise asks nothing.
  const others = Object.keys(attacks).filter((name) => !["apgd-t", "gaussian"].includes(name));
  for (const name of others) {
    const controller = new AbortController();
    const defense = { ...identityDefense, manifold: pixelManifold };
    const exact = withFourth(exactVictim({ task, target, defense }));
    const { nearest, ascend } = exact.manifold!;
    let questions = 0;
    const counted = <Q extends (...args: never[]) => unknown>(query: Q & Disposable) =>
      Object.assign((...args: Parameters<Q>) => {
        if (++questions === 1) controller.abort(new Error("told to"));
        return query(...args);
      }, { [Symbol.dispose]: () => query[Symbol.dispose]() }) as unknown as Q & Disposable;
    const victim = stoppableVictim({
      ...exact,
      forward: (read, name) => counted(exact.forward(read, name)),
      ascend: (ask, name) => counted(exact.ascend!(ask, name)),
      manifold: { nearest, ascend: (ask, name) => counted(ascend(ask, name)) },
    }, controller.signal);
    using attack = createAttack({ name, epsilon: 0.1, ...own[name] }, victim);
    const perturb = attack.perturb(images, labels, createRandom(1));
    if (name === "fgsm") await perturb; // has no second question
    else await assert.rejects(perturb, /told to/, name);
    assert.equal(questions, 1, name);
  }
});

Deno.test("a long attack on a stoppable victim hears a timer", async () => {
  const controller = new AbortController();
  const victim = stoppableVictim(exactVictim({ task, target }), controller.signal);
  using attack = createAttack({ name: "pgd", epsilon: 0.1, steps: 1e6 }, victim);
  const begun = performance.now();
  setTimeout(() => controller.abort(new Error("told to")), 50);
  await assert.rejects(attack.perturb(images, labels, createRandom(1)), /told to/);
  assert.ok(performance.now() - begun < 1500);
});

Deno.test("a stoppable victim gives the images of the victim", async () => {
  const { signal } = new AbortController();
  const [one, other] = await Promise.all([undefined, signal].map(async (signal) => {
    const victim = stoppableVictim(exactVictim({ task, target }), signal);
    using attack = createAttack({ name: "pgd", epsilon: 0.1, randomStart: "uniform" }, victim);
    return (await attack.perturb(images, labels, createRandom(3))).dataSync();
  }));
  assert.deepEqual(one, other);
});
