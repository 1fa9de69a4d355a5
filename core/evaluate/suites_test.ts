import assert from "node:assert/strict";
import type { Preset } from "../preset.ts";
import { checkEvaluation } from "./columns.ts";
import type { Suites } from "./suite_settings.ts";
import { curvesOf, epsilonOf, withSuite } from "./suites.ts";

const pgd = { name: "pgd", epsilon: 0.031, steps: 8 };
const evaluation: Preset["evaluation"] = {
  batchSize: 8,
  examples: 0,
  systems: {
    jpeg: { defenses: [{ name: "jpeg" }] },
    generator: { defenses: [{ name: "generator" }] },
  },
  threatModels: {
    oblivious: { attacks: { pgd: { ...pgd, epsilon: 0.05 } } },
    whitebox: { attacks: { pgd }, systems: ["generator"] },
  },
};
const suites: Suites = {
  standard: {
    threatModels: {
      whitebox: { long: { name: "pgd", steps: 100 } },
      transfer: { pgd: { name: "pgd" } },
      "black-box": { noise: { name: "noise" } },
    },
  },
  strong: {
    extends: "standard",
    threatModels: { whitebox: { far: { name: "pgd", radius: 2 } } },
    curves: { whitebox: curvesOf({ name: "pgd", steps: 50 }) },
  },
};

Deno.test("withSuite adds attacks at the preset's epsilon, on O and on what was trained for it", () => {
  const { threatModels, suite, curves } = withSuite(evaluation, "standard", suites);
  assert.equal(suite, "standard");
  assert.equal(curves, undefined);
  assert.deepEqual(threatModels.oblivious, evaluation.threatModels.oblivious);
  assert.deepEqual(threatModels.whitebox, {
    attacks: { pgd, long: { name: "pgd", steps: 100, epsilon: 0.031 } },
    systems: ["none", "generator"],
  });
  assert.deepEqual(threatModels["black-box"].systems, ["none", "generator"]);
  assert.equal("transfer" in threatModels, false, "there is no substitute");
});

Deno.test("withSuite attacks substitutes where there are some, for all systems", () => {
  const substitutes = { other: { weights: "" } };
  const { threatModels } = withSuite({ ...evaluation, substitutes }, "standard", suites);
  assert.deepEqual(threatModels.transfer, {
    attacks: { pgd: { name: "pgd", epsilon: 0.031 } },
  });
});

Deno.test("withSuite extends another suite, with curves on the subject alone", () => {
  const strong = withSuite(evaluation, "strong", suites);
  assert.deepEqual(Object.keys(strong.threatModels.whitebox.attacks), ["pgd", "long", "far"]);
  assert.equal(strong.threatModels.whitebox.attacks.far.epsilon, 0.062);
  const { attacks, systems } = strong.curves!.whitebox;
  assert.deepEqual(systems, ["generator"]);
  assert.equal(attacks["pgd-epsilon-25"].epsilon, 0.031 / 4);
  assert.deepEqual(attacks["pgd-steps-100"], { name: "pgd", epsilon: 0.031, steps: 100 });
  assert.equal("radius" in attacks["pgd-epsilon-25"], false);
  checkEvaluation(strong);
  assert.equal(strong.suite, "strong");
});

Deno.test("withSuite attacks every system where a suite says so, transformations too", () => {
  const all = { ...suites, strong: { ...suites.strong, everySystem: true } };
  const { threatModels, curves } = withSuite(evaluation, "strong", all);
  assert.deepEqual(threatModels.whitebox.systems, ["none", "jpeg", "generator"]);
  assert.deepEqual(curves!.whitebox.systems, ["generator"]);
});

Deno.test("withSuite is the preset's own evaluation for paper, and refuses unknown names", () => {
  assert.equal(withSuite(evaluation, "paper", suites), evaluation);
  assert.throws(() => withSuite(evaluation, "standart", suites), /did you mean "standard"/);
  const l2 = { pgd: { ...pgd, norm: "l2" } };
  const without = { ...evaluation, threatModels: { oblivious: { attacks: l2 } } };
  const usual = withSuite(without, "standard", suites).threatModels.whitebox.attacks;
  assert.deepEqual(new Set(Object.values(usual).map(({ epsilon }) => epsilon)), new Set([8 / 255]));
  assert.equal(epsilonOf({ threatModels: {} }, { name: "bim", epsilon: 0.02 }), 0.02);
  assert.equal(epsilonOf(evaluation), 0.031, "of the attack through a defense");
  const whole = { name: "gaussian", epsilon: 1 };
  assert.equal(epsilonOf({ threatModels: {} }, whole), 8 / 255, "noise in no ball has no radius");
  assert.throws(() => epsilonOf({ threatModels: {} }), /as it has no attack/);
});

Deno.test("withSuite attacks all systems where none was trained for O", () => {
  const { jpeg } = evaluation.systems;
  const threatModels = { oblivious: { attacks: { pgd } } };
  const plain = withSuite({ ...evaluation, systems: { jpeg }, threatModels }, "standard", suites);
  assert.deepEqual(plain.threatModels["black-box"].systems, ["none", "jpeg"]);
});
