/**
 * The stage `evaluate`: all results of a run.
 *
 * @module
 */
import {
  type AnyAttack,
  type AnyColumn,
  type AnyEvaluateParts,
  type AnySubstitute,
  type AnySystems,
  type AnyTarget,
  type CacheStorage,
  columnsOf,
  createEvaluationBatches,
  evaluateColumn,
  type EvaluatedSystem,
  type EvaluatedTarget,
  type Evaluation,
  type EvaluationRow,
  type OtherTarget,
  presetOn,
  raiseAlarms,
  type System,
  type SystemSettings,
  victimOf,
  worstCases,
} from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import { type Defense, resolveDefense } from "@realign/core/defenses";
import { ResultCache } from "../runs/cache_key.ts";
import type { EvaluatedColumns } from "../runs/evaluated_columns.ts";
import { peakMemoryGiB, readEnvironment } from "../system/environment.ts";
import type { WorkOptions } from "../commands/options.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { columnLabel } from "../report/labels.ts";
import { rowWarnings } from "../report/warnings.ts";
import type { RunStore } from "../runs/run_store.ts";
import { digestOf } from "./target_models.ts";
import { probe } from "./probes.ts";
import type { Workbench } from "./workbench.ts";

/** Images of one attack are cached up to this size. */
const MOST_BYTES = 2 ** 30;

/** Digests of target models' weights. */
type Digests = ReadonlyMap<AnyTarget, string>;

/** What is evaluated. */
export interface Evaluated {
  /** O alone first. */
  readonly systems: AnySystems;
  /** What is attacked in place of O. */
  readonly substitutes: { readonly list: readonly AnySubstitute[] };
  /** The target model that G was trained for, if it is not O. */
  readonly trainedFor?: EvaluatedTarget;
}

/**
 * Evaluates systems.
 *
 * @param bench O with its weights, and the data
 * @param evaluated The systems and substitutes
 * @param options Number of threads; the cache folder for images of attacks on a target model alone, or "off"
 * @param output For progress; its warnings are part of the result
 * @param store The run that stores finished columns, so that a stopped evaluation resumes
 */
export async function evaluate(
  bench: Workbench,
  { systems: { list: systems }, substitutes: { list: substitutes }, trainedFor }: Evaluated,
  { threads, cache }: Pick<WorkOptions, "threads" | "cache">,
  output: Output,
  store?: RunStore,
): Promise<Evaluation> {
  const begun = performance.now();
  const { preset, task, target, images, test, published } = bench;
  const { batchSize } = preset.evaluation;
  const digests = await digestsOf([...systems, ...substitutes]);
  const own = digests.get(target)!;
  if (trainedFor?.digest === own) {
    output.warn("the target is the one that G was trained for: nothing is transferred");
  }
  warnOfOwnWeights(substitutes, own, digests, output);
  const results = new ResultCache(cache, bench.code, output.warn);
  const parts: AnyEvaluateParts = {
    preset,
    task,
    batches: () => createEvaluationBatches(test, task, { batchSize }),
    signal: output.interruption.signal,
    storageOf: (column, attack) => imageStorage(bench, digests, column, attack, results),
  };
  const columns = columnsOf(preset.evaluation, systems, substitutes);
  const kept = await openColumns(bench, columns, systems, digests, results, store);
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
  const probes = await probe(bench, systems, columns, output);
  for (const warning of rowWarnings(rows)) output.warn(warning);
  const described = systems.map((system) => describe(bench, system, digests));
  const alarms = raiseAlarms({
    rows,
    systems: described,
    probes,
    classCount: test.classNames.length,
    // An O that was trained here may be as bad as its settings make it.
    isTargetGiven: preset.target.weights !== "",
  });
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
    target: { architecture: preset.target.architecture, digest: own },
    ...(trainedFor && { trainedFor }),
    seed: preset.seed,
    batchSize,
    systems: described,
    ...(substitutes.length > 0 && { substitutes: describeAll(bench, substitutes, digests) }),
    rows,
    ...(published && { published }),
    warnings: output.warnings,
    alarms,
    probes,
    environment: { ...await readEnvironment(threads), peakMemoryGiB: memory },
    seconds: Number(seconds.toFixed(1)),
  };
}

async function digestsOf(
  models: readonly Pick<System<unknown>, "target">[],
): Promise<Digests> {
  const digests = new Map<AnyTarget, string>();
  for (const { target } of models) {
    if (!digests.has(target)) digests.set(target, await digestOf(target));
  }
  return digests;
}

/** Warns of a substitute that is O itself: its attacker knows O. */
function warnOfOwnWeights(
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
function describeAll(
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
function describe(
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

/** The finished columns of the same evaluation; undefined without a run. */
async function openColumns(
  { preset, task, target, test }: Workbench,
  columns: readonly AnyColumn[],
  systems: AnySystems["list"],
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
    defenses: systems.map(({ defense }) => defense?.version),
  });
}

/** Cache for images of an attack on a target model alone; none if they are too large. */
function imageStorage(
  bench: Workbench,
  digests: Digests,
  column: AnyColumn,
  attack: AnyAttack,
  results: ResultCache,
): CacheStorage | undefined {
  const { preset, test } = bench;
  const { attack: name, attacked } = column;
  const [height, width] = test.size;
  if (4 * 3 * height * width * test.length > MOST_BYTES) return undefined;
  return results.images("evaluated", {
    dataset: test.digest,
    size: test.size,
    target: digests.get(attacked!.target),
    model: bench.modelFacts(attackedIn(preset.evaluation, column)),
    attack: name,
    settings: attack.settings,
    version: attack.version,
    batchSize: preset.evaluation.batchSize,
    seed: preset.seed,
  });
}

/** The settings of the model that a column's images are made on; undefined if it is O. */
function attackedIn(
  { systems, substitutes }: Workbench["preset"]["evaluation"],
  { attacked, systems: [system] }: AnyColumn,
): OtherTarget | undefined {
  const { substitute } = attacked!;
  return substitute === undefined ? systems[system.name]?.target : substitutes![substitute];
}

/** Label of the progress bar: the column, and whose images they are if not O's. */
function labelOf(column: AnyColumn): string {
  const { attacked, systems } = column;
  const label = `evaluate ${
    column.attack === "clean" ? "clean" : columnLabel({ ...column, ...attacked })
  }`;
  if (systems.some(({ role }) => role === "undefended")) return label;
  return `${label} (${systems.map(({ title }) => title).join(", ")})`;
}
