/**
 * An evaluation by the library: figures, a probe, alarms.
 *
 * @module
 */
import {
  createEvaluationBatches,
  createRandom,
  type Dataset,
  evaluateColumn,
  type EvaluatedSystem,
  type EvaluationRow,
  type System,
  THREAT_MODELS,
} from "@realign/core";
import { probeSystem, raiseAlarms } from "@realign/core/alarms";
import { type AttackSettings, createAttack, type Victim } from "@realign/core/attacks";
import type * as tf from "@realign/core/tf";
import type { ToyOutput } from "../../core/testing/toy_task.ts";
import { task } from "./defenses.ts";

/** What an evaluation of a system comes to. */
export interface Measured {
  readonly clean: number;
  /** Under the first attack. */
  readonly attacked: number;
  /** Names. */
  readonly alarms: readonly string[];
}

/** Reads a dataset in batches. */
export const batchesOf = (dataset: Dataset<number>, batchSize = 32) => () =>
  createEvaluationBatches(dataset, task, { batchSize, prefetch: 0 });

/** Measures a system on clean images and under attacks of one attacker, probes it, and raises alarms. */
export async function measure(
  dataset: Dataset<number>,
  system: System<ToyOutput>,
  threatModel: "oblivious" | "whitebox",
  attacks: Readonly<Record<string, AttackSettings>>,
): Promise<Measured> {
  const batches = batchesOf(dataset);
  const parts = { preset: { seed: 1 }, task, batches };
  const [attacked] = THREAT_MODELS[threatModel].attackedFor(system, []);
  const systems = [system];
  const columns = [
    { threatModel: "none", attack: "clean", settings: null, systems },
    ...Object.entries(attacks).map(([attack, settings]) => ({
      ...{ threatModel, attack, settings, attacked, systems },
    })),
  ];
  const rows: EvaluationRow[] = [];
  for (const column of columns) rows.push(...await evaluateColumn(parts, column));
  const [{ epsilon }] = Object.values(attacks);
  const probe = await probeSystem({ seed: 1, task, batches, epsilon }, system);
  const alarms = raiseAlarms({
    rows,
    systems: [described(system)],
    probes: [probe],
    classCount: task.classCount,
  });
  const [clean, first] = rows.map(({ metric }) => metric.value);
  return { clean, attacked: first, alarms: alarms.map(({ name }) => name) };
}

/** A system as an evaluation stores it. */
function described({ name, title, defense }: System<ToyOutput>): EvaluatedSystem {
  const own = { name, title, role: "other" as const };
  if (!defense) return { ...own, defenses: [] };
  const gradient = defense.gradient?.exact ? "exact" : "approximate";
  return { ...own, defenses: [{ name: defense.name }], gradient };
}

/** Accuracy of a system under PGD of many steps on a victim. */
export async function leftBy(
  dataset: Dataset<number>,
  { target, defense }: Pick<System<ToyOutput>, "target" | "defense">,
  victim: Victim<ToyOutput, tf.Tensor1D>,
  epsilon: number,
): Promise<number> {
  const settings = {
    name: "pgd",
    epsilon,
    steps: 30,
    stepSize: epsilon / 8,
    randomStart: "uniform",
  };
  using attack = createAttack(settings, victim);
  const metric = task.createMetric();
  for await (const { images, labels, count } of batchesOf(dataset)()) {
    const adversarial = await attack.perturb(images, labels, createRandom(1, "strong"));
    const restored = await defense?.restore(adversarial, createRandom(1, "last")) ?? adversarial;
    const output = target.forward(restored);
    await metric.update(output, labels, count);
    for (const tensor of [images, labels, adversarial, restored, ...Object.values(output)]) {
      (tensor as tf.Tensor).dispose();
    }
  }
  return metric.result().value;
}
