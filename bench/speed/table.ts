/**
 * The table of benches.
 *
 * @module
 */
import { algorithm } from "./benches/algorithm.ts";
import { attack } from "./benches/attack.ts";
import { autoattack, autoattackOnData } from "./benches/autoattack.ts";
import { defenses } from "./benches/defenses.ts";
import { memory } from "./benches/memory.ts";
import { bfloat16 } from "./benches/bfloat16.ts";
import { boxes, networks } from "./benches/networks.ts";
import { operations } from "./benches/operations.ts";
import { profile } from "./benches/profile.ts";
import { scaling } from "./benches/scaling.ts";
import { stages } from "./benches/stages.ts";
import { step, step256, stepOnce } from "./benches/step.ts";
import { DEFENSES } from "./defense_costs.ts";
import type { Bench } from "./team.ts";

/** All benches by name, in the order in which they run. */
export const benches: Readonly<Record<string, Bench>> = {
  "step": step,
  "step-once": stepOnce,
  "step-256": step256,
  "bfloat16": bfloat16,
  "networks": networks,
  "boxes": boxes,
  "attack": attack,
  "autoattack": autoattack,
  "autoattack-data": autoattackOnData,
  "algorithm": algorithm,
  "memory": memory,
  "stages": stages,
  "operations": operations,
  "scaling": scaling,
  "profile": profile,
  [DEFENSES]: defenses,
};

/** Those that run where none is named: all that measure PyTorch too, on data that there is. */
export function defaultBenches(data: string | undefined): string[] {
  return Object.entries(benches)
    .filter(([, { hasPeers = true, needsData }]) => hasPeers && (!needsData || data !== undefined))
    .map(([name]) => name);
}
