/**
 * The stage `evaluate`: all results of a run.
 *
 * @module
 */
import {
  type AnyAttack,
  type AnyColumn,
  type AnyEvaluateParts,
  type AnySystems,
  type AnyTarget,
  type CacheStorage,
  columnsOf,
  createEvaluationBatches,
  evaluateColumn,
  type EvaluatedSystem,
  type Evaluation,
  type EvaluationRow,
  maskingAlarms,
  notNumberAlarms,
  type System,
  type SystemSettings,
  victimOf,
  worstCases,
} from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import { resolveDefense } from "@realign/core/defenses";
import { ResultCache } from "../runs/cache_key.ts";
import type { EvaluatedColumns } from "../runs/evaluated_columns.ts";
import { peakMemoryGiB, readEnvironment } from "../system/environment.ts";
import type { WorkOptions } from "../commands/options.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { attackLabel } from "../report/labels.ts";
import type { RunStore } from "../runs/run_store.ts";
import { digestOf, type Workbench } from "./workbench.ts";

/** Images of one attack are cached up to this size. */
const MOST_BYTES = 2 ** 30;

/** Digests of target models' weights. */
type Digests = ReadonlyMap<AnyTarget, string>;

/**
 * Evaluates systems.
 *
 * @param bench O with its weights, and the data
 * @param systems The evaluated systems, O alone first
 * @param options Number of threads; the cache folder for images of attacks on a target model alone, or "off"
 * @param output For progress; its warnings are part of the result
 * @param store The run that stores finished columns, so that a stopped evaluation resumes
 */
export async function evaluate(
  bench: Workbench,
  { list: systems }: AnySystems,
  { threads, cache }: Pick<WorkOptions, "threads" | "cache">,
  output: Output,
  store?: RunStore,
): Promise<Evaluation> {
  const begun = performance.now();
  const { preset, task, target, images, test, published } = bench;
  const { batchSize } = preset.evaluation;
  const digests = await digestsOf(systems);
  const results = new ResultCache(cache, bench.code, output.warn);
  const parts: AnyEvaluateParts = {
    preset,
    task,
    batches: () => createEvaluationBatches(test, task, { batchSize }),
    signal: output.interruption.signal,
    storageOf: (column, attack) => imageStorage(bench, digests, column, attack, results),
  };
  const columns = columnsOf(preset.evaluation, systems);
  const kept = await openColumns(bench, columns, digests, results, store);
  const rows: EvaluationRow[] = [];
  for (const [index, column] of columns.entries()) {
    const known = kept?.at(index);
    if (known) {
      rows.push(...known);
      continue;
    }
    await output.interruption.check();
    using progress = output.progress.start(labelOf(column), test.length, "examples");
    const measured = await evaluateColumn(parts, column, (done) => progress.update(done));
    await kept?.add(measured);
    rows.push(...measured);
  }
  rows.push(...worstCases(rows));
  for (const alarm of [...maskingAlarms(rows, systems), ...notNumberAlarms(rows)]) {
    output.warn(alarm);
  }
  const seconds = (performance.now() - begun) / 1000;
  const memory = peakMemoryGiB();
  output.note(
    `evaluation: ${images.length} examples in ${
      formatDuration(seconds)
    }, peak memory ${memory} GiB`,
  );
  return {
    version: 2,
    preset: preset.name,
    task: preset.task,
    dataset: {
      name: preset.dataset.name,
      split: test.split,
      digest: images.digest,
      count: images.length,
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

/** A system as stored in an evaluation. */
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

/** The finished columns of the same evaluation; undefined without a run. */
async function openColumns(
  { preset, task, target, test }: Workbench,
  columns: readonly AnyColumn[],
  digests: Digests,
  results: ResultCache,
  store?: RunStore,
): Promise<EvaluatedColumns | undefined> {
  if (!store) return undefined;
  const generator = (await store.checkpoints.final("train"))?.metadata.sha256;
  const versions = columns.map(({ settings }) => {
    if (settings === null) return "";
    using attack = createAttack(settings, victimOf({ task, target }), task.attacks);
    return attack.version;
  });
  const targets = [...digests.values()];
  return await results.columns(store, {
    preset,
    dataset: test.digest,
    targets,
    generator,
    versions,
  });
}

/** Cache for images of an attack on a target model alone; none if they are too large. */
function imageStorage(
  bench: Workbench,
  digests: Digests,
  { attack: name, attacked, systems: [system] }: AnyColumn,
  attack: AnyAttack,
  results: ResultCache,
): CacheStorage | undefined {
  const { preset, test } = bench;
  const [height, width] = test.size;
  if (4 * 3 * height * width * test.length > MOST_BYTES) return undefined;
  return results.images("evaluated", {
    dataset: test.digest,
    size: test.size,
    target: digests.get(attacked!.target),
    model: bench.modelFacts(architectureOf(preset, preset.evaluation.systems[system.name])),
    attack: name,
    settings: attack.settings,
    version: attack.version,
    batchSize: preset.evaluation.batchSize,
    seed: preset.seed,
  });
}

/** Label of the progress bar; for attacks on O alone just the attack's name. */
function labelOf({ threatModel, attack, systems }: AnyColumn): string {
  if (threatModel === "none") return "evaluate clean";
  const label = `evaluate ${attackLabel(attack)}`;
  if (systems.some(({ role }) => role === "undefended")) return label;
  return `${label} (${[threatModel, ...systems.map(({ title }) => title)].join(", ")})`;
}
