/**
 * A grid of runs: for each seed one target network and one set of adversarial images, shared by a run
 * for every cell; where a table asks for it, one network of the second architecture, which is attacked in
 * place of O or put behind G. What is finished is kept, what was stopped goes on; tables that differ only in
 * how runs are evaluated share their runs.
 *
 * @module
 */
import { isInShare, type Share } from "@realign/core/shares";
import { join } from "node:path";
import type { Claims } from "../../cli/runs/claims.ts";
import { VERSION } from "../../cli/system/environment.ts";
import { AGAIN, Interrupted } from "../../cli/system/failure.ts";
import { sha256 } from "../../cli/system/safe_file.ts";
import type { Output } from "../../cli/terminal/output.ts";
import type { FinishedCell, GridPlan } from "./plan.ts";
import { SeedWork } from "./seed_work.ts";

/** The grid's folder: the same for the same settings and code, whatever its cells and seeds. */
export function gridFolder({ name, preset, code, options }: GridPlan): string {
  const { steps, targetSteps, plugin } = options;
  const settings = { ...preset, seed: 0 };
  const facts = JSON.stringify([settings, steps, targetSteps, plugin, VERSION, code]);
  const key = sha256(new TextEncoder().encode(facts)).slice(0, 8);
  return join(options.runs, `grid-${name}-${key}`);
}

/** How processes share a grid. */
export interface Sharing {
  readonly claims: Claims;
  /** The cells of this process, by their place in the plan. Default: all */
  readonly share?: Share;
  /** Whether to wait for cells that other processes have, and take over those of dead ones. */
  readonly waits: boolean;
}

/**
 * Runs a grid to its end. Other processes may do so at the same time: what they do is left to them.
 *
 * @param plan What it is made from
 * @param output Told of progress
 * @param sharing With whom
 * @yields Every finished cell, those of others included, as they are found
 * @throws {Interrupted} After a signal, when what was made is saved; or where cells are left to others and it does not wait
 */
export async function* runGrid(
  plan: GridPlan,
  output: Output,
  { claims, share, waits }: Sharing,
): AsyncGenerator<FinishedCell, void, void> {
  const works = plan.seeds.flatMap((seed) => {
    const folder = join(gridFolder(plan), `seed-${seed}`);
    const work = new SeedWork({ plan, seed, folder, claims, output });
    return plan.cells.map((cell) => ({ work, cell }));
  });
  let left = works.map((work, place) => ({ ...work, place }))
    .filter(({ place }) => isInShare(share, place));
  let told = "";
  while (left.length > 0) {
    const others: string[] = [];
    const later: typeof left = [];
    for (const one of left) {
      const { work, cell, place } = one;
      const name = `${cell.name}, seed ${work.seed}`;
      const done = await work.attempt(cell, `\ncell ${place + 1} of ${works.length}: ${name}`);
      if ("holder" in done) {
        later.push(one);
        others.push(`${name} (${done.holder})`);
      } else yield done;
    }
    const isIdle = later.length === left.length;
    left = later;
    if (!isIdle || left.length === 0) continue;
    const text = `${left.length} of ${works.length} cells are left to other processes: ${
      others.join("; ")
    }`;
    if (!waits) throw new Interrupted(text, AGAIN);
    if (text !== told) output.note(`waiting, as ${text}`);
    told = text;
    await patience(claims.patience, output.interruption.signal);
  }
}

/** Waits for some seconds. */
async function patience(seconds: number, signal: AbortSignal): Promise<void> {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(100, 1000 * seconds)));
    signal.throwIfAborted();
  }
}
