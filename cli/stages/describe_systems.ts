/**
 * What an evaluation says of its models: systems, substitutes, their digests.
 *
 * @module
 */
import {
  type AnySubstitute,
  type AnyTarget,
  type EvaluatedSystem,
  type EvaluatedTarget,
  presetOn,
  type System,
  type SystemSettings,
} from "@realign/core";
import { type Defense, resolveDefense } from "@realign/core/defenses";
import type { Output } from "../terminal/output.ts";
import { digestOf } from "./target_models.ts";
import type { Workbench } from "./workbench.ts";

/** Digests of target models' weights. */
export type Digests = ReadonlyMap<AnyTarget, string>;

/** Digests of the target models of systems and substitutes, each computed once. */
export async function digestsOf(
  models: readonly Pick<System<unknown>, "target">[],
): Promise<Digests> {
  const digests = new Map<AnyTarget, string>();
  for (const { target } of models) {
    if (!digests.has(target)) digests.set(target, await digestOf(target));
  }
  return digests;
}

/** Warns of a substitute that is O itself: its attacker knows O. */
export function warnOfOwnWeights(
  substitutes: readonly AnySubstitute[],
  own: string,
  digests: Digests,
  output: Output,
): void {
  for (const { name, target } of substitutes) {
    if (digests.get(target) !== own) continue;
    output.warn(
      `the substitute ${name} has O's own weights: its transfer figures are those of an oblivious attacker`,
    );
  }
}

/** Substitutes as stored in an evaluation. */
export function describeAll(
  { preset }: Workbench,
  substitutes: readonly AnySubstitute[],
  digests: Digests,
): Record<string, EvaluatedTarget> {
  return Object.fromEntries(substitutes.map(({ name, target }) => {
    const settings = preset.evaluation.substitutes![name];
    const { architecture } = presetOn(preset, settings).target;
    return [name, { architecture, digest: digests.get(target)! }];
  }));
}

/** A system as stored in an evaluation. */
export function describe(
  { preset, target: own }: Workbench,
  { name, title, role = "other", target, defense }: System<unknown>,
  digests: Digests,
): EvaluatedSystem {
  const settings: SystemSettings | undefined = preset.evaluation.systems[name];
  return {
    name,
    title,
    role,
    defenses: settings?.defenses.map(resolveDefense) ?? [],
    ...(settings?.frozen && { frozen: true }),
    ...(defense && { gradient: gradientOf(defense) }),
    ...(target !== own && {
      target: {
        architecture: settings?.target?.architecture ?? preset.target.architecture,
        digest: digests.get(target)!,
      },
    }),
  };
}

/** Whether a defense has a gradient, as stored in an evaluation. */
function gradientOf({ gradient }: Defense): EvaluatedSystem["gradient"] {
  if (!gradient) return "none";
  return gradient.exact ? "exact" : "approximate";
}
