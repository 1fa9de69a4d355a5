/**
 * The stage `evaluate`: clean, attacked, restored; every figure of a run.
 *
 * @module
 */
import {
  type Column,
  columnsOf,
  createEvaluationBatches,
  evaluateColumn,
  type EvaluatedSystem,
  type EvaluateParts,
  type Evaluation,
  type EvaluationRow,
  maskingAlarms,
  type System,
  type SystemSettings,
  worstCases,
} from "@realign/core";
import { resolveDefense } from "@realign/core/defenses";
import type { AttackSettings } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { join } from "node:path";
import { CacheStore } from "../runs/cache_store.ts";
import { peakMemoryGiB, readEnvironment } from "../system/environment.ts";
import { EvaluatedColumns } from "../runs/evaluated_columns.ts";
import type { WorkOptions } from "../commands/options.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { attackLabel } from "../report/labels.ts";
import type { RunStore } from "../runs/run_store.ts";
import { type AnySystems, type AnyTarget, digestOf, type Workbench } from "./workbench.ts";

/** Images of one attack are kept up to this size. */
const MOST_BYTES = 2 ** 30;

// deno-lint-ignore no-explicit-any -- each task has its own outputs; they are passed through
type AnyColumn = Column<any>;

/** Digests of target models' weights. */
type Digests = ReadonlyMap<AnyTarget, string>;

/**
 * Evaluates systems.
 *
 * @param bench O with its weights, and the data
 * @param systems What is measured, O alone first
 * @param options Threads asked for; the folder where images of attacks on a target model alone are kept
 * @param output Told of progress; its warnings are part of the result
 * @param store The run that keeps measured columns, so that a stopped evaluation goes on
 */
export async function evaluate(
  bench: Workbench,
  { list: systems }: AnySystems,
  { threads, cache }: Pick<WorkOptions, "threads" | "cache">,
  output: Output,
  store?: RunStore,
): Promise<Evaluation> {
  const begun = performance.now();
  const { preset, task, target, test, published } = bench;
  const { batchSize } = preset.evaluation;
  const digests = await digestsOf(systems);
  // deno-lint-ignore no-explicit-any -- each task has its own outputs and labels; they are passed through
  const parts: EvaluateParts<any, any> = {
    preset,
    task,
    batches: () => createEvaluationBatches(test, task, { batchSize }),
    storageOf: (column, settings) => imageStorage(bench, digests, column, settings, output, cache),
  };
  const facts = [preset, test.digest, ...digests.values()];
  const kept = store && await EvaluatedColumns.open(store, facts);
  const rows: EvaluationRow[] = [];
  for (const [index, column] of columnsOf(preset.evaluation, systems).entries()) {
    const known = kept?.at(index);
    if (known) {
      rows.push(...known);
      continue;
    }
    using progress = output.progress.start(labelOf(column), test.length, "examples");
    const measured = await evaluateColumn(parts, column, (done) => progress.update(done));
    await kept?.add(measured);
    rows.push(...measured);
  }
  rows.push(...worstCases(rows));
  for (const alarm of maskingAlarms(rows)) output.warn(alarm);
  const seconds = (performance.now() - begun) / 1000;
  const memory = peakMemoryGiB();
  output.note(
    `evaluation: ${test.length} examples in ${
      formatDuration(seconds)
    }, at most ${memory} GiB of memory`,
  );
  return {
    version: 2,
    preset: preset.name,
    task: preset.task,
    dataset: {
      name: preset.dataset.name,
      split: test.split,
      digest: test.digest,
      count: test.length,
      classNames: test.classNames,
    },
    target: { architecture: preset.target.architecture, digest: digests.get(target)! },
    seed: preset.seed,
    systems: systems.map((system) => describe(bench, system, digests)),
    rows,
    ...(published && { published }),
    warnings: output.warnings,
    environment: { ...await readEnvironment(threads), peakMemoryGiB: memory },
    seconds: Number(seconds.toFixed(1)),
  };
}

async function digestsOf(systems: readonly System<unknown>[]): Promise<Digests> {
  const digests = new Map<AnyTarget, string>();
  for (const { target } of systems) {
    if (!digests.has(target)) digests.set(target, await digestOf(target));
  }
  return digests;
}

/** A system as an evaluation keeps it. */
function describe(
  { preset, target: own }: Workbench,
  { name, title, role = "other", target }: System<unknown>,
  digests: Digests,
): EvaluatedSystem {
  const settings: SystemSettings | undefined = preset.evaluation.systems[name];
  return {
    name,
    title,
    role,
    defenses: settings?.defenses.map(resolveDefense) ?? [],
    ...(target !== own && {
      target: { architecture: architectureOf(preset, settings), digest: digests.get(target)! },
    }),
  };
}

/** The architecture of a system's target model. */
function architectureOf(preset: Workbench["preset"], settings?: SystemSettings): string {
  return settings?.target?.architecture ?? preset.target.architecture;
}

/** Where images of an attack on a target model alone are kept; nowhere if they are many. */
function imageStorage(
  { preset, test }: Workbench,
  digests: Digests,
  { attack, attacked, systems: [{ name }] }: AnyColumn,
  settings: AttackSettings,
  output: Output,
  cache: string,
): CacheStore | undefined {
  const [height, width] = test.size;
  if (4 * 3 * height * width * test.length > MOST_BYTES) return undefined;
  return CacheStore.keyed(join(cache, "evaluated"), {
    dataset: test.digest,
    size: test.size,
    target: digests.get(attacked!.target),
    architecture: architectureOf(preset, preset.evaluation.systems[name]),
    attack,
    settings,
    batchSize: preset.evaluation.batchSize,
    seed: preset.seed,
    backend: tf.getBackend(),
  }, output.warn);
}

/** What progress is shown of; attacks on O alone need no more than their name. */
function labelOf({ threatModel, attack, systems }: AnyColumn): string {
  if (threatModel === "none") return "evaluate clean";
  const label = `evaluate ${attackLabel(attack)}`;
  if (systems.some(({ role }) => role === "undefended")) return label;
  return `${label} (${[threatModel, ...systems.map(({ title }) => title)].join(", ")})`;
}
