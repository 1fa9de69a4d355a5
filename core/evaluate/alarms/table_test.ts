import assert from "node:assert/strict";
import type { EvaluationRow } from "../rows.ts";
import { worstCases } from "../worst_cases.ts";
import type { Evidence } from "./alarm.ts";
import { isBelow } from "./compare.ts";
import { ALARMS, raiseAlarms, withAlarms } from "./table.ts";

/** A row of an attack on G in 1000 images. */
const row = (
  threatModel: string,
  attack: string,
  value: number,
  settings: Record<string, unknown> = {},
  more: Partial<EvaluationRow> = {},
): EvaluationRow => ({
  threatModel,
  attack,
  system: "generator",
  settings: { name: attack, epsilon: 0.03, ...settings },
  metric: { name: "accuracy", value, count: 1000, interval: [value - 0.03, value + 0.03] },
  maxPerturbation: 0.03,
  seconds: 1,
  ...more,
});
const clean = (value: number) => row("none", "clean", value, {}, { settings: null });
const whitebox = (attack: string, value: number, settings = {}) =>
  row("whitebox", attack, value, settings);
const systems: Evidence["systems"] = [
  { name: "none", title: "None", role: "undefended", defenses: [] },
  { name: "generator", title: "G", role: "subject", defenses: [{ name: "generator" }] },
];
const raised = (rows: EvaluationRow[], more: Partial<Evidence> = {}) =>
  raiseAlarms({ rows, systems, ...more });
const names = (rows: EvaluationRow[], more: Partial<Evidence> = {}) =>
  raised(rows, more).map(({ name }) => name);

Deno.test("whitebox figures must not be beaten by those who know less, the strongest of them", () => {
  const through = whitebox("pgd", 0.4);
  const oblivious = [row("oblivious", "pgd", 0.5), row("oblivious", "fgsm", 0.3)];
  const [alarm, ...more] = raised([through, ...oblivious]);
  assert.deepEqual([alarm.name, more], ["oblivious-beats-whitebox", []]);
  assert.match(
    alarm.text,
    /know "generator" \(whitebox\) leave 40\.0 %, attacks on O alone \(oblivious\) leave 30\.0 %/,
  );
  assert.deepEqual(alarm.numbers, { whitebox: 0.4, other: 0.3, difference: 0.4 - 0.3 });
  assert.deepEqual(names([whitebox("pgd", 0.3), ...oblivious]), []);
  assert.deepEqual(names(oblivious), [], "nothing to compare with");
  const transfer = row("transfer", "pgd", 0.3, {}, { substitute: "one" });
  assert.deepEqual(names([through, transfer]), ["transfer-beats-whitebox"]);
  assert.deepEqual(names([through, whitebox("square", 0.3)]), ["black-box-beats-whitebox"]);
  assert.deepEqual(names([through, row("black-box", "decision", 0.3)]), [
    "black-box-beats-whitebox",
  ]);
  const alone = [through, ...oblivious].map((row) => ({ ...row, system: "none" }));
  assert.deepEqual(names(alone), [], "attacks on O alone know all of O alone");
});

Deno.test("whitebox figures are compared with those of no larger epsilon, in the same norm", () => {
  const at = (threatModel: string, epsilon: number, value: number, settings = {}) =>
    row(threatModel, `pgd-${epsilon}`, value, { name: "pgd", epsilon, ...settings });
  const through = [at("whitebox", 8 / 255, 0.6), at("whitebox", 16 / 255, 0.2)];
  const [alarm, ...more] = raised([...through, at("oblivious", 8 / 255, 0.4)]);
  assert.deepEqual([alarm?.name, more], ["oblivious-beats-whitebox", []]);
  assert.deepEqual(alarm.numbers, { whitebox: 0.6, other: 0.4, difference: 0.6 - 0.4 });
  const beaten = ["oblivious-beats-whitebox"];
  const larger = at("oblivious", 16 / 255, 0.4);
  assert.deepEqual(names([through[0], larger]), [], "who knew more had less room");
  assert.deepEqual(names([through[1], at("oblivious", 8 / 255, 0.1)]), beaten);
  assert.deepEqual(names([through[1], at("oblivious", 8 / 255, 0.3)]), []);
  const small = at("whitebox", 0.02, 0.1, { objective: "kl" });
  assert.deepEqual(
    names([small, at("whitebox", 0.04, 0.5), at("oblivious", 0.03, 0.3)]),
    [],
    "a smaller change is one of a larger ball too",
  );
  const round = at("oblivious", 8 / 255, 0.4, { norm: "l2" });
  assert.deepEqual(names([through[0], round]), [], "other balls");
  const unbounded = at("oblivious", Infinity, 0.1);
  assert.deepEqual(names([through[0], unbounded]), []);
});

Deno.test("isBelow wants a margin and more than chance: paired, of two proportions, without intervals", () => {
  const of = (outcomes: string) => ({
    metric: { name: "accuracy", value: outcomes.split("1").length / 1000 - 1 / 1000, count: 1000 },
    outcomes,
  });
  const [right, wrong] = ["1".repeat(500), "0".repeat(500)];
  const base = of(right + wrong);
  const eight = of("0".repeat(8) + "1".repeat(492) + wrong);
  assert.ok(isBelow(eight, base, 0.002), "8 lost and none gained are no chance");
  const mixed = of("0".repeat(48) + "1".repeat(452) + "1".repeat(40) + "0".repeat(460));
  assert.ok(!isBelow(mixed, base, 0.002), "48 lost and 40 gained are");
  assert.ok(!isBelow(of("0" + right.slice(1) + wrong), base, 0.002), "the margin");
  const { outcomes: _, ...loose } = eight;
  const interval = [0, 1] as const;
  const unpaired = [loose, base].map(({ metric }) => ({ metric: { ...metric, interval } }));
  assert.ok(!isBelow(unpaired[0], unpaired[1], 0.002), "0.8 points of 1000 others may be chance");
  const plain = (value: number) => ({ metric: { name: "mAP", value, count: 4 } });
  assert.ok(!isBelow(plain(0.495), plain(0.5), 0.002));
  assert.ok(isBelow(plain(0.48), plain(0.5), 0.002));
});

Deno.test("isBelow compares means over passes, not what was right in all of them", () => {
  const of = (value: number, outcomes: string, passes?: number) => ({
    metric: { name: "accuracy", value, count: 1000, interval: [0, 1] as const },
    outcomes,
    passes,
  });
  const [none, few] = ["0".repeat(1000), "1".repeat(60) + "0".repeat(940)];
  assert.ok(isBelow(of(0.3, none, 10), of(0.5, none, 10), 0.002), "none was right in all passes");
  assert.ok(!isBelow(of(0.3, none, 10), of(0.31, few, 10), 0.002), "one point may be chance");
  assert.ok(isBelow(of(0.3, none, 10), of(0.5, none), 0.002), "one of them random");
});

Deno.test("many steps must leave no more than one, of the same epsilon", () => {
  const pgd = whitebox("pgd", 0.5, { steps: 20 });
  assert.deepEqual(names([pgd, whitebox("fgsm", 0.4)]), ["single-step-beats-iterative"]);
  assert.deepEqual(names([pgd, whitebox("fgsm", 0.6)]), []);
  assert.deepEqual(names([pgd, whitebox("fgsm", 0.4, { epsilon: 0.1 })]), []);
  assert.deepEqual(names([pgd, row("oblivious", "fgsm", 0.6)]), [], "of one attacker");
  const oblivious = [row("oblivious", "pgd", 0.5, { steps: 20 }), row("oblivious", "fgsm", 0.4)];
  assert.deepEqual(names(oblivious), [], "FGSM may transfer better through a defense");
  const alone = oblivious.map((row) => ({ ...row, system: "none" }));
  assert.deepEqual(names(alone), ["single-step-beats-iterative"]);
});

Deno.test("accuracy must fall with epsilon, down to chance", () => {
  const curve = (...points: [number, number][]) =>
    points.map(([epsilon, value]) =>
      whitebox(`pgd-${epsilon}`, value, { name: "pgd", epsilon, stepSize: epsilon / 4, steps: 20 })
    );
  const K = { classCount: 10 };
  assert.deepEqual(names(curve([0.03, 0.5], [0.06, 0.3], [0.5, 0.11]), K), []);
  const flat = raised(curve([0.03, 0.5], [0.06, 0.495], [0.125, 0.495]), K);
  assert.match(flat[0].text, /pgd leaves 50\.0 % at epsilon 0\.03 and 49\.5 % at 0\.125: a larger/);
  assert.deepEqual(names(curve([0.03, 0.5], [0.06, 0.6]), K), ["epsilon-changes-nothing"]);
  assert.deepEqual(names(curve([0.03, 0.5], [0.06, 0.3], [0.5, 0.29]), K), [
    "epsilon-changes-nothing",
  ]);
  assert.deepEqual(names(curve([0.03, 0.5], [0.04, 0.5]), K), [], "too small a difference");
  assert.deepEqual(names(curve([0.031, 0.5], [0.062, 0.4], [0.496, 0.35]), K), [
    "epsilon-changes-nothing",
  ], "sixteen times the paper's radius");
  assert.deepEqual(names(curve([0.031, 0.5], [0.062, 0.4], [0.4, 0.35]), K), []);
  assert.deepEqual(names(curve([0.03, 0.01], [0.125, 0.01]), K), [], "nothing is left to fall");
  const steps = curve([0.03, 0.5], [0.125, 0.5]).map((row, index) => ({
    ...row,
    settings: { ...row.settings!, steps: index },
  }));
  assert.deepEqual(names(steps, K), [], "other attacks");
});

Deno.test("noise, steps and losses that find far more are told of", () => {
  const noisy = whitebox("noise", 0.85);
  assert.deepEqual(names([clean(0.9), noisy]), ["noise-finds-errors"]);
  assert.deepEqual(names([clean(0.855), noisy]), []);
  const [few, many] = [[20, 0.5], [100, 0.4]].map(([steps, value]) =>
    whitebox(`pgd-${steps}`, value, { name: "pgd", steps })
  );
  assert.deepEqual(names([few, many]), ["steps-not-converged"]);
  const five = { ...few, settings: { ...few.settings!, steps: 5 } };
  assert.deepEqual(names([five, many]), [], "few steps are known to be few");
  const [ce, t] = [whitebox("apgd-ce", 0.5), whitebox("apgd-t", 0.4)];
  assert.deepEqual(names([ce, t]), ["cross-entropy-masked"]);
  assert.deepEqual(names([ce, whitebox("apgd-t", 0.46)]), []);
});

Deno.test("a part without a gradient must be attacked by BPDA, and a given O be better than chance", () => {
  const [none, generator] = systems;
  const jpeg = { systems: [none, { ...generator, gradient: "approximate" as const }] };
  const oblivious = row("oblivious", "pgd", 0.5);
  assert.deepEqual(names([oblivious], jpeg), ["gradient-free-part"]);
  const through = (gradient?: EvaluationRow["gradient"]) =>
    names([oblivious, { ...whitebox("pgd", 0.1), gradient }], jpeg);
  assert.deepEqual(through("bpda"), []);
  assert.deepEqual(through("bpda-identity"), ["gradient-free-part"]);
  assert.deepEqual(
    names([oblivious, whitebox("square", 0.5)], jpeg),
    ["gradient-free-part"],
    "an attack that asks for no gradient went through no approximation",
  );
  assert.deepEqual(names([clean(0.9)], jpeg), [], "nothing was attacked");
  const atChance = { ...clean(0.1), system: "none" };
  const given = { classCount: 10, isTargetGiven: true };
  assert.deepEqual(names([atChance], given), ["target-at-chance"]);
  assert.deepEqual(names([atChance], { ...given, isTargetGiven: false }), []);
  assert.deepEqual(names([{ ...clean(0.5), system: "none" }], given), []);
});

/** Numbers of a probe that raise one alarm each, and that raise none. */
const PROBED: Readonly<Record<string, readonly [string, number, number]>> = {
  "gradient-zero": ["imagesWithoutMarginGradient", 0.04, 0],
  "gradient-not-a-number": ["notANumberGradientEntries", 0.001, 0],
  "loss-still-rising": ["lossRiseAtEnd", 0.06, 0.04],
  "prediction-unstable": ["changedLogits", 0.04, 0],
  "logits-are-probabilities": ["probabilities", 1, 0.9],
  "outputs-saturated": ["saturatedOutputs", 0.2, 0.05],
  "loss-unstable": ["lossChangeByNoise", 0.2, 0.05],
  "silent-success": ["silentSuccesses", 0.2, 0.09],
  "unconstrained-failure": ["unconstrainedSurvivors", 0.1, 0.04],
};

Deno.test("each alarm of a probe is raised by its number, with it and the examples", () => {
  for (const [name, [number, much, little]] of Object.entries(PROBED)) {
    const alarms = (value: number) =>
      raised([whitebox("pgd", 0.5)], {
        probes: [{
          system: "generator",
          examples: 32,
          epsilon: 0.03,
          numbers: { [number]: value },
        }],
      });
    const [alarm, ...more] = alarms(much);
    assert.deepEqual([alarm?.name, more], [name, []]);
    assert.equal(alarm.numbers.examples, 32);
    assert.ok(Object.values(alarm.numbers).includes(much), name);
    assert.deepEqual(alarms(little), [], name);
  }
});

Deno.test("every alarm of the table says when it is raised and what to do", () => {
  for (const [name, { sign, remedy }] of Object.entries(ALARMS)) {
    assert.match(name, /^[a-z]+(-[a-z]+)+$/);
    for (const text of [sign, remedy]) assert.ok(text.length > 20 && !text.endsWith("."), name);
  }
});

Deno.test("withAlarms marks the figures that an alarm concerns, worst cases among them", () => {
  const outcomes = "1".repeat(1000);
  const measured = [clean(0.9), row("oblivious", "pgd", 0.5), { ...whitebox("pgd", 1), outcomes }];
  const rows = [...measured, ...worstCases(measured)];
  const marked = withAlarms(rows, raised(rows)).map(({ threatModel, attack, alarms }) => [
    threatModel,
    attack,
    alarms,
  ]);
  const alarms = ["oblivious-beats-whitebox"];
  assert.deepEqual(marked, [
    ["none", "clean", undefined],
    ["oblivious", "pgd", undefined],
    ["whitebox", "pgd", alarms],
    ["whitebox", "worst case", alarms],
  ]);
});
