/**
 * The suite of an evaluation: `--suite`.
 *
 * @module
 */
import { PAPER_SUITE, type Plugin, type Preset, withDetail, withSuite } from "@realign/core";
import { Option } from "commander";
import { UsageError } from "../system/failure.ts";
import { assertAttacks } from "./attack_options.ts";
import type { Override } from "./overrides.ts";

type Evaluation = Preset["evaluation"];

/** `--suite`. */
export interface SuiteOption {
  readonly suite?: string;
}

/** The option: a plugin may have suites of its own. */
export function suiteOption(): Option {
  return new Option(
    "--suite <name>",
    '"paper", the preset\'s own attacks; "standard", with AutoAttack or its task\'s like, transfer and questions without a gradient; ' +
      '"strong", with restarts, curves over epsilon and steps, and controls as well',
  ).default(PAPER_SUITE);
}

/**
 * A preset whose evaluation has the attacks of a suite.
 *
 * @param preset The preset
 * @param plugin Its suites and attacks
 * @param options The suite's name
 * @param overrides Settings from the command line, none of which may be the suite's name
 * @throws {UsageError} If the suite is unknown, or cannot be added
 */
export function withChosenSuite(
  preset: Preset,
  { suites, attacks }: Pick<Plugin, "suites" | "attacks">,
  { suite = PAPER_SUITE }: SuiteOption,
  overrides: readonly Override[] = [],
): Preset {
  if (overrides.some(({ path }) => path.join(".") === "evaluation.suite")) {
    throw new UsageError(
      "Cannot set evaluation.suite as it only names the attacks: choose a suite with --suite",
    );
  }
  if (suite === PAPER_SUITE) return preset;
  try {
    const evaluation = withSuite(preset.evaluation, suite, suites);
    const chosen = { ...preset, evaluation };
    assertAttacks(chosen, attacks, `the suite ${suite}`);
    return chosen;
  } catch (error) {
    const { message } = withDetail(error as Error, ` (--suite ${suite})`);
    throw new UsageError(message, { cause: error });
  }
}

/**
 * An evaluation that says so if its attacks are no longer those of its suite.
 *
 * @param evaluation What is measured
 * @param attacks `--attacks`
 * @param overrides Settings from the command line
 */
export function withSuiteMarked(
  evaluation: Evaluation,
  attacks: string | undefined,
  overrides: readonly Override[],
): Evaluation {
  const isChanged = attacks !== undefined ||
    overrides.some(({ path: [group, part] }) =>
      group === "evaluation" && (part === "threatModels" || part === "curves")
    );
  if (!isChanged) return evaluation;
  return { ...evaluation, suite: `${evaluation.suite ?? PAPER_SUITE} (changed)` };
}
