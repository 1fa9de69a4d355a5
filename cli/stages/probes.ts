/**
 * Probes of an evaluation: what alarms are raised from besides its figures.
 *
 * @module
 */
import {
  type AnyColumn,
  type AnySystems,
  createEvaluationBatches,
  epsilonOf,
  type Probe,
} from "@realign/core";
import { PROBE_EXAMPLES, probeSystem } from "@realign/core/alarms";
import type { Output } from "../terminal/output.ts";
import type { Workbench } from "./workbench.ts";

/**
 * Probes what was trained for O, and whatever attacks go through.
 *
 * @param bench O with its weights, and the data
 * @param systems All that are evaluated
 * @param columns Of the evaluation; without an attack nothing is probed
 * @param output For progress and interruption
 */
export async function probe(
  { preset, task, test }: Workbench,
  systems: AnySystems["list"],
  columns: readonly AnyColumn[],
  output: Output,
): Promise<Probe[]> {
  if (columns.every(({ settings }) => settings === null)) return [];
  const attacked = new Set(
    columns.filter(({ threatModel }) => threatModel === "whitebox")
      .flatMap(({ systems }) => systems.map(({ name }) => name)),
  );
  const { evaluation: { batchSize }, seed } = preset;
  const epsilon = epsilonOf(preset.evaluation, preset.attack);
  const probes: Probe[] = [];
  for (const system of systems) {
    if (system.role !== "subject" && !attacked.has(system.name)) continue;
    await output.interruption.check();
    const examples = Math.min(PROBE_EXAMPLES, test.length);
    using progress = output.progress.start(`probe ${system.title}`, examples, "examples");
    const parts = {
      seed,
      task,
      batches: () =>
        createEvaluationBatches(test, task, { batchSize: Math.min(batchSize, PROBE_EXAMPLES) }),
      epsilon,
      examples,
      signal: output.interruption.signal,
    };
    probes.push(await probeSystem(parts, system, (done) => progress.update(done)));
  }
  return probes;
}
