/**
 * What an evaluation attacks: the victim, and how its gradients come about.
 *
 * @module
 */
import { type ConvergingVictim, convergingVictim } from "../attacks/converging_victim.ts";
import type { Victim } from "../attacks/victim.ts";
import { gradientKind, isRandom } from "../defenses/gradient_of.ts";
import type * as tf from "../tf.ts";
import type { EvaluationRow } from "./rows.ts";
import { type AttackedSource, victimOf } from "./victim.ts";

/** How gradients through a defense came about, as rows say it. */
export type GradientFacts = Pick<EvaluationRow, "gradient" | "draws" | "convergence">;

/** What an attack is made on. */
export interface EvaluationVictim<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly victim: Victim<O, L>;
  /** Nothing without a defense, or where no gradient was asked for. */
  facts(): GradientFacts;
}

/**
 * The victim of an attacker who knows a target model and its defense: exact, BPDA, and behind a random defense the
 * expectation over its noise (EOT), by as many draws as converge.
 *
 * @param source The task, the target model, an optional defense
 * @param draws Fixes the number of draws behind a random defense
 * @returns The victim, and what is known of its gradients once they were asked for
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import { evaluationVictim } from "./evaluation_victim.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * assert.deepEqual(evaluationVictim({ task, target }).facts(), {});
 * ```
 */
export function evaluationVictim<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  source: AttackedSource<O, L>,
  draws?: number,
): EvaluationVictim<O, L> {
  const { defense } = source;
  const victim = victimOf(source);
  if (!defense || !victim.ascend) return { victim, facts: () => ({}) };
  const mean = isRandom(defense) ? convergingVictim(victim, draws) : undefined;
  let asked = false;
  const { ascend, ...rest } = mean ?? victim;
  return {
    victim: {
      ...rest,
      ascend: (ask, name) => {
        asked = true;
        return ascend!(ask, name);
      },
    },
    facts: () => asked ? { gradient: gradientKind(defense), ...convergenceOf(mean) } : {},
  };
}

/** What was measured of a random victim's gradients. */
function convergenceOf(
  mean: Pick<ConvergingVictim<never, never>, "convergence"> | undefined,
): GradientFacts {
  const { draws, cosine } = mean?.convergence() ?? {};
  return {
    ...(draws !== undefined && { draws }),
    ...(cosine !== undefined && { convergence: Number(cosine.toFixed(4)) }),
  };
}
