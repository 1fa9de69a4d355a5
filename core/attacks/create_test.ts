import assert from "node:assert/strict";
import { atLeast, option } from "../options.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createAttack } from "./mod.ts";
import { network } from "../testing/victims.ts";

await useTestBackend();
const victim = network(3);

Deno.test("createAttack fills defaults in and takes undefined for absent", () => {
  using attack = createAttack({
    name: "pgd",
    epsilon: 0.2,
    steps: undefined,
    candidates: undefined,
  }, victim);
  assert.deepEqual(attack.settings, {
    name: "pgd",
    epsilon: 0.2,
    stepSize: 0.05,
    steps: 10,
    norm: "linf",
    objective: "cross-entropy",
    randomStart: "uniform",
    restarts: 1,
    return: "last",
    targeted: false,
    untilFooled: false,
  });
});

for (
  const [wrong, message] of [
    [
      { epsilon: -0.1 },
      /epsilon must be a finite number of at least 0.000001: current value is -0.1/,
    ],
    [
      { epsilon: NaN },
      /epsilon must be a finite number of at least 0.000001: current value is NaN/,
    ],
    [
      { epsilon: Infinity },
      /epsilon must be a finite number of at least 0.000001: current value is Infinity/,
    ],
    [{ stepSize: -1 }, /stepSize must be a number from 1e-7 to 1000: current value is -1/],
    [{ stepSize: 0 }, /stepSize must be a number from 1e-7 to 1000: current value is 0/],
    [{ steps: 0 }, /steps must be an integer from 1 to 1000000: current value is 0/],
    [{ steps: 2.5 }, /steps must be an integer from 1 to 1000000: current value is 2.5/],
    [{ steps: null }, /steps must be an integer from 1 to 1000000: current value is null/],
    [{ restarts: 0 }, /restarts must be an integer from 1 to 1000: current value is 0/],
    [
      { candidates: 3 },
      /it has no option "candidates": known are "objective", "stepSize"/,
    ],
    [{ name: "deepfool", candidates: 1 }, /candidates must be an integer of at least 2/],
    [
      { name: "deepfool", epsilon: NaN },
      /epsilon must be a number of at least 0.000001: current value is NaN/,
    ],
    [{ name: "bim", randomStart: "uniform" as const }, /it has no option "randomStart"/],
    [
      { name: "carlini-wagner", initialConstant: 0 },
      /initialConstant must be a number from 1e-10 to 10000000000/,
    ],
    [
      { name: "pdg" },
      /the attack "pdg" is unknown: did you mean "pgd"\?/,
    ],
  ] as const
) {
  Deno.test(`createAttack refuses ${JSON.stringify(wrong)}`, () => {
    assert.throws(
      () => createAttack({ name: "pgd", epsilon: 0.1, ...wrong }, victim),
      (error: Error) => error instanceof RangeError && message.test(error.message),
    );
  });
}

Deno.test("createAttack prefers a task's own attack of the same name", () => {
  using own = createAttack({ name: "pgd", epsilon: 0.1 }, victim, {
    pgd: {
      title: "Own",
      version: 7,
      options: { momentum: option(0.5, atLeast(0), "share of the last step") },
      create: () => ({
        perturb: (clean) => Promise.resolve(clean),
        [Symbol.dispose]() {},
      }),
    },
  });
  assert.deepEqual(own.settings, { name: "pgd", epsilon: 0.1, momentum: 0.5 });
  assert.equal(own.version, "pgd 7");
});

for (const name of ["deepfool", "carlini-wagner", "fab", "fab-t"]) {
  Deno.test(`${name} refuses a victim without logits`, () => {
    const { logits: _, ...blind } = victim;
    assert.throws(
      () => createAttack({ name, epsilon: 0.1 }, blind),
      /it must have logits and one class per image/,
    );
  });
}

for (const name of ["fab", "fab-t"]) {
  Deno.test(`${name} refuses a black box`, () => {
    const { ascend: _, ...blackBox } = victim;
    assert.throws(() => createAttack({ name, epsilon: 0.1 }, blackBox), /it has no gradient/);
  });
}

Deno.test("pgd-cw takes the objective of a victim without logits", () => {
  const { logits: _, ...blind } = victim;
  using attack = createAttack({ name: "pgd-cw", epsilon: 0.1 }, blind);
  assert.equal(attack.name, "pgd-cw");
  assert.throws(
    () => createAttack({ name: "pgd-cw", epsilon: 0.1 }, { ...blind, objectives: {} }),
    RangeError,
  );
});
