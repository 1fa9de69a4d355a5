/**
 * Suites: named lists of attacks that make a preset's evaluation a harder one.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import type { AttackSettings, Preset, ThreatModelSettings } from "../preset.ts";
import type { Suite, SuiteAttack, SuiteAttacks, Suites } from "./suite_settings.ts";
import { roleOf, UNDEFENDED } from "./system.ts";
import { THREAT_MODELS } from "./threat_models.ts";

type Evaluation = Preset["evaluation"];

/** The preset's own attacks. */
export const PAPER_SUITE = "paper";

/** Epsilon over the preset's: 2, 4, 8, 16, 32 and 128 of 255 where that is 8; the last can make any image grey. */
const RADII = [0.25, 0.5, 1, 2, 4, 16];
const STEPS = [10, 20, 50, 100];

/**
 * Curves of an attack with `steps`: over epsilon, from a quarter of the preset's to sixteen times that, where an honest
 * gradient leaves nothing; and over 10 to 100 steps.
 *
 * @param attack What is varied; the curve over epsilon has its steps
 * @returns Attacks by name: `NAME-epsilon-25` has 25 % of the preset's epsilon, `NAME-steps-10` has ten steps
 *
 * @example Usage
 * ```ts
 * import { curvesOf } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const curves = curvesOf({ name: "pgd", steps: 50 });
 * assert.deepEqual(curves["pgd-epsilon-400"], { name: "pgd", steps: 50, radius: 4 });
 * assert.equal(curves["pgd-steps-20"].steps, 20);
 * ```
 */
export function curvesOf(attack: SuiteAttack): SuiteAttacks {
  const { name } = attack;
  return Object.fromEntries([
    ...RADII.map((radius) => [`${name}-epsilon-${100 * radius}`, { ...attack, radius }]),
    ...STEPS.map((steps) => [`${name}-steps-${steps}`, { ...attack, steps }]),
  ]);
}

/** An L-infinity ball of this radius holds every image: it is none to attack in, but leaves noise whole. */
const ALL_IMAGES = 1;

/** The L-infinity radius that the field compares by, for evaluations that keep to none. */
const USUAL = 8 / 255;

/**
 * The epsilon that an evaluation is about: that of its first attack through a defense, else of its first one, which
 * keeps to the L-infinity norm.
 *
 * @param evaluation A preset's
 * @param training The attack that G is trained against, for an evaluation without attacks
 * @returns 8/255 where attacks keep to other norms, or to no ball, alone
 * @throws {RangeError} If there is no attack
 *
 * @example Usage
 * ```ts
 * import { epsilonOf } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const attacks = { pgd: { name: "pgd", epsilon: 0.031 } };
 * assert.equal(epsilonOf({ threatModels: { oblivious: { attacks } } }), 0.031);
 * ```
 */
export function epsilonOf(
  { threatModels }: Pick<Evaluation, "threatModels">,
  training?: AttackSettings,
): number {
  const { whitebox, ...others } = threatModels;
  const models = [...(whitebox ? [whitebox] : []), ...Object.values(others)];
  const attacks = models.flatMap(({ attacks }) => Object.values(attacks));
  const known = [...attacks, ...(training ? [training] : [])];
  const first = known.find(({ norm, epsilon }) => norm !== "l2" && epsilon < ALL_IMAGES);
  if (first) return first.epsilon;
  if (known.length > 0) return USUAL;
  throw new RangeError(
    "Cannot tell the epsilon of this evaluation as it has no attack: give it one",
  );
}

/**
 * An evaluation with the attacks of a suite: whitebox and black-box ones on O alone and on all that was trained for
 * O, else on every system. What the evaluation has stays; settings of the same name are the suite's.
 *
 * @param evaluation A preset's
 * @param name Of the suite
 * @param suites The plugin's
 * @returns The evaluation, plain data as before, with the suite's name; the same for "paper"
 * @throws {RangeError} If the suite is unknown, or the evaluation has no epsilon to take
 *
 * @example Usage
 * ```ts
 * import { withSuite } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const pgd = { name: "pgd", epsilon: 0.1 };
 * const systems = { generator: { defenses: [{ name: "generator" }] } };
 * const threatModels = { whitebox: { attacks: { pgd }, systems: ["generator"] } };
 * const suites = { standard: { threatModels: { "black-box": { square: { name: "square" } } } } };
 * const evaluation = withSuite({ batchSize: 8, examples: 0, systems, threatModels }, "standard", suites);
 * assert.equal(evaluation.suite, "standard");
 * assert.deepEqual(evaluation.threatModels["black-box"], {
 *   attacks: { square: { name: "square", epsilon: 0.1 } },
 *   systems: ["none", "generator"],
 * });
 * ```
 */
export function withSuite(evaluation: Evaluation, name: string, suites: Suites = {}): Evaluation {
  if (name === PAPER_SUITE) return evaluation;
  const known: Suites = { [PAPER_SUITE]: { threatModels: {} }, ...suites };
  const suite = lookUp(known, name, "evaluate", "the suite");
  const base = withSuite(evaluation, suite.extends ?? PAPER_SUITE, suites);
  const epsilon = epsilonOf(evaluation);
  const subjects = subjectsIn(evaluation);
  const add = (
    models: Readonly<Record<string, ThreatModelSettings>>,
    more: Suite["threatModels"],
    systems: readonly string[],
  ) => {
    const possible = Object.entries(more).filter(([model]) => isPossible(evaluation, model));
    return {
      ...models,
      ...Object.fromEntries(possible.map(([model, attacks]) => [model, {
        attacks: { ...models[model]?.attacks, ...settingsOf(attacks, epsilon) },
        ...systemsOf(evaluation, model, models[model], systems),
      }])),
    };
  };
  const { curves = {}, everySystem = false } = suite;
  const attacked = [UNDEFENDED, ...everySystem ? Object.keys(evaluation.systems) : subjects];
  return {
    ...base,
    threatModels: add(base.threatModels, suite.threatModels, attacked),
    ...(Object.keys({ ...base.curves, ...curves }).length > 0 && {
      curves: add(base.curves ?? {}, curves, subjects),
    }),
    suite: name,
  };
}

/** Whether an evaluation has what a threat model's attacks are made on. */
function isPossible({ substitutes = {} }: Evaluation, model: string): boolean {
  const { bySubstitutes } = lookUp(THREAT_MODELS, model, "evaluate", "the threat model");
  return !bySubstitutes || Object.keys(substitutes).length > 0;
}

/** What was trained for O; all systems where nothing was. */
function subjectsIn({ systems }: Evaluation): string[] {
  const names = Object.keys(systems);
  const trained = names.filter((name) => roleOf(systems[name]) === "subject");
  return trained.length > 0 ? trained : names.length > 0 ? names : [UNDEFENDED];
}

/** Which systems a threat model attacks: those that it names already, and those of the suite, in table order. */
function systemsOf(
  evaluation: Evaluation,
  model: string,
  own: ThreatModelSettings | undefined,
  systems: readonly string[],
): Pick<ThreatModelSettings, "systems"> {
  const isShared = model === "oblivious" || THREAT_MODELS[model].bySubstitutes;
  if (isShared || own && !own.systems) return own?.systems ? { systems: own.systems } : {};
  const wanted = new Set([...own?.systems ?? [], ...systems]);
  const order = [UNDEFENDED, ...Object.keys(evaluation.systems)];
  return { systems: order.filter((name) => wanted.has(name)) };
}

/** A suite's attacks with their epsilon. */
function settingsOf(attacks: SuiteAttacks, epsilon: number): Record<string, AttackSettings> {
  return Object.fromEntries(
    Object.entries(attacks).map(([name, { radius = 1, ...settings }]) => [
      name,
      { ...settings, epsilon: Math.min(1, radius * epsilon) },
    ]),
  );
}
