/**
 * Gradient attacks that ascend an objective which their settings name.
 *
 * @module
 */
import type * as tf from "../tf.ts";
import type { Attack, AttackSettings, Victim } from "./attack.ts";
import { createGradientAttack, type GradientSettings } from "./gradient_attack.ts";
import { lookUp } from "../names.ts";
import { resolveSettings } from "./settings.ts";

/** What an attack of this kind lets be set, or sets itself. */
type Choices = Pick<
  GradientSettings,
  "stepSize" | "steps" | "objective" | "randomStart" | "restarts" | "return" | "targeted"
>;

/**
 * Makes a gradient attack from settings, the defaults of those it takes and the values of those it
 * does not.
 *
 * @param settings What was asked for
 * @param victim What is attacked
 * @param defaults Of the settings that the attack takes
 * @param fixed The others
 * @returns The attack
 * @throws {RangeError} If a setting cannot work, or the victim has no such objective
 */
export function createObjectiveAttack<
  O extends tf.TensorContainer,
  L extends tf.TensorContainer,
  Field extends keyof Choices,
>(
  settings: AttackSettings,
  victim: Victim<O, L>,
  defaults: Pick<Choices, Field>,
  fixed: Omit<Choices, Field>,
): Attack<L> {
  const taken = resolveSettings<keyof Choices>(settings, defaults as Choices);
  const resolved: GradientSettings = { ...taken, ...fixed };
  const objective = lookUp(
    victim.objectives,
    resolved.objective,
    `attack "${victim.name}" by "${resolved.name}"`,
    "the objective",
  );
  return createGradientAttack(resolved, victim, objective);
}
