/**
 * The stage `evaluate`: all results of a run.
 *
 * @module
 */
import {
  type AnyColumn,
  type AnyEvaluateParts,
  type AnySubstitute,
  type AnySystems,
  type CacheStorage,
  columnsOf,
  createEvaluationBatches,
  evaluateColumn,
  type EvaluatedTarget,
  type Evaluation,
  type EvaluationRow,
  hasWeights,
  measuringOrder,
  PAPER_SUITE,
  SUBMITTED,
  type UnfinishedColumn,
  worstCases,
  worstOfAll,
} from "@realign/core";
import { raiseAlarms } from "@realign/core/alarms";
import { ResultCache } from "../runs/cache_key.ts";
import { peakMemoryGiB, readEnvironment } from "../system/environment.ts";
import type { WorkOptions } from "../commands/options.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { columnLabel } from "../report/labels.ts";
import { rowWarnings } from "../report/warnings.ts";
import type { RunStore } from "../runs/run_store.ts";
import { AdversarialFile, readSubmission } from "./adversarial_files.ts";
import { describe, describeAll, digestsOf, warnOfOwnWeights } from "./describe_systems.ts";
import { foresee } from "./foresee.ts";
import {
  imageBytes,
  imageStorage,
  isShared,
  type KeptFacts,
  MOST_BYTES,
  openColumns,
} from "./kept_evaluation.ts";
import { probe } from "./probes.ts";
import type { Workbench } from "./workbench.ts";

/** What is evaluated. */
export interface Evaluated {
  /** O alone first. */
  readonly systems: AnySystems;
  /** What is attacked in place of O. */
  readonly substitutes: { readonly list: readonly AnySubstitute[] };
  /** The target model that G was trained for, if it is not O. */
  readonly trainedFor?: EvaluatedTarget;
}

/** How an evaluation is made. */
export interface EvaluationOptions extends Pick<WorkOptions, "threads" | "cache"> {
  /** Ends the measuring: what was measured is the result. */
  readonly budget?: AbortSignal;
  /** Folder for adversarial images, which are then measured rounded to 8 bit too. */
  readonly saveAdversarial?: string;
  /** File of images that others made. */
  readonly submit?: string;
}

/**
 * Evaluates systems.
 *
 * @param bench O with its weights, and the data
 * @param evaluated The systems and substitutes
 * @param options Number of threads; the cache folder for adversarial images, or "off"; a budget; files of images
 * @param output For progress; its warnings are part of the result
 * @param store The run that stores finished columns, so that a stopped evaluation resumes
 */
export async function evaluate(
  bench: Workbench,
  { systems: { list: systems }, substitutes: { list: substitutes }, trainedFor }: Evaluated,
  { threads, cache, budget, saveAdversarial, submit }: EvaluationOptions,
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
  const generator = (await store?.checkpoints.final("train"))?.metadata.sha256;
  const facts: KeptFacts = { digests, results, generator };
  const batches = () => createEvaluationBatches(test, task, { batchSize });
  const given = submit === undefined ? undefined : await readSubmission(bench, submit, batches);
  const columns: AnyColumn[] = [
    ...columnsOf(preset.evaluation, systems, substitutes),
    ...(given ? [submittedColumn(given, systems)] : []),
  ];
  const isSaved = saveAdversarial !== undefined;
  if (isSaved) assertSavable(bench);
  const more = { ...(given && { submitted: given.digest }), ...(isSaved && { isSaved }) };
  const kept = await openColumns(bench, columns, systems, facts, more, store);
  const measured = new Map<number, readonly EvaluationRow[]>();
  const unfinished: UnfinishedColumn[] = [];
  const leftOver: (CacheStorage | undefined)[] = [];
  const waiting = columns.filter((column, index) => column.attacked && !kept?.at(index));
  const expected = await foresee(bench, waiting, output.interruption.signal);
  if (expected !== undefined && expected >= 2) {
    output.note(
      `${waiting.length} ${
        waiting.length === 1 ? "attack" : "attacks"
      } on ${test.length} examples will take up to ${
        formatDuration(expected)
      }, judged by one batch; --budget TIME stops earlier`,
    );
  }
  for (const index of measuringOrder(columns)) {
    const column = columns[index];
    const file = isSaved && column.settings !== null
      ? new AdversarialFile(saveAdversarial, bench, column, [own, generator, index, preset])
      : undefined;
    const known = kept?.at(index);
    if (known && (!file || await file.isWritten())) {
      measured.set(index, known);
      continue;
    }
    if (budget?.aborted && column.settings !== null) {
      unfinished.push(unfinishedOf(column, 0));
      continue;
    }
    await output.interruption.check();
    using progress = output.progress.start(labelOf(column), test.length, "examples");
    let done = 0;
    let behind: CacheStorage | undefined;
    const parts: AnyEvaluateParts = {
      preset,
      task,
      batches,
      signal: output.interruption.signal,
      ...(budget && { budget }),
      roundsToo: isSaved,
      ...(file && { onImages: (batch) => file.add(batch) }),
      storageOf: (column, attack) => {
        const storage = imageStorage(bench, facts, column, attack);
        behind = isShared(column) ? undefined : storage;
        return storage;
      },
    };
    const rows = await evaluateColumn(parts, column, (count) => progress.update(done = count));
    await file?.write();
    measured.set(index, rows);
    if (done < test.length) {
      unfinished.push(unfinishedOf(column, done));
      continue;
    }
    await kept?.add(index, rows);
    if (kept) await behind?.clear?.();
    else leftOver.push(behind);
  }
  if (unfinished.length === 0) { for (const storage of leftOver) await storage?.clear?.(); }
  const all = columns.flatMap((_, index) => measured.get(index) ?? []);
  const curves = all.filter(({ curve }) => curve);
  const rows = all.filter(({ curve }) => !curve);
  rows.push(...worstCases(rows, unfinished));
  warnOfUnfinished(unfinished, test.length, output);
  const probes = budget?.aborted ? [] : await probe(bench, systems, columns, output);
  for (const warning of rowWarnings(rows)) output.warn(warning);
  const described = systems.map((system) => describe(bench, system, digests));
  // Figures of different examples do not compare.
  const whole = ({ measured }: EvaluationRow) => measured === undefined;
  const alarms = raiseAlarms({
    rows: rows.filter(whole),
    curves: curves.filter(whole),
    systems: described,
    probes,
    classCount: test.classNames.length,
    // An O that was trained here may be as bad as its settings make it.
    isTargetGiven: hasWeights(preset.target),
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
    suite: preset.evaluation.suite ?? PAPER_SUITE,
    rows,
    ...(curves.length > 0 && { curves }),
    worst: worstOfAll(rows, unfinished),
    ...(unfinished.length > 0 && { unfinished }),
    ...(published && { published }),
    warnings: output.warnings,
    alarms,
    probes,
    environment: { ...await readEnvironment(threads), peakMemoryGiB: memory },
    seconds: Number(seconds.toFixed(1)),
  };
}

/** Images of others, in front of every system. */
function submittedColumn(
  given: NonNullable<AnyColumn["given"]>,
  systems: AnySystems["list"],
): AnyColumn {
  const { settings } = given;
  return { threatModel: SUBMITTED, attack: SUBMITTED, settings, given, systems };
}

/** Fails if a column's images do not fit into one file. */
function assertSavable({ test }: Workbench): void {
  const bytes = imageBytes(test);
  if (bytes <= MOST_BYTES) return;
  throw new RangeError(
    `Cannot save adversarial images as those of an attack would take ${
      (bytes / 2 ** 30).toFixed(1)
    } GiB, more than ${MOST_BYTES / 2 ** 30}: choose fewer with --examples`,
  );
}

function unfinishedOf(column: AnyColumn, measured: number): UnfinishedColumn {
  const { threatModel, attack, attacked, systems, curve } = column;
  const { substitute } = attacked ?? {};
  return {
    threatModel,
    ...(substitute !== undefined && { substitute }),
    attack,
    systems: systems.map(({ name }) => name),
    measured,
    ...(curve && { curve }),
  };
}

/** Says what the figures lack. */
function warnOfUnfinished(
  unfinished: readonly UnfinishedColumn[],
  length: number,
  output: Output,
): void {
  if (unfinished.length === 0) return;
  const list = unfinished.map((column) =>
    `${columnLabel(column)} on ${column.systems.join(", ")} (${column.measured} of ${length})`
  );
  output.warn(
    `time was over (--budget) before all was measured, so figures may be too high. Not measured, or only in part: ${
      list.join("; ")
    }`,
  );
}

/** Label of the progress bar of a column: its name, and whose images they are if not O's. */
export function labelOf(column: AnyColumn): string {
  const { attacked, systems } = column;
  const label = `evaluate ${
    column.attack === "clean" ? "clean" : columnLabel({ ...column, ...attacked })
  }`;
  if (systems.some(({ role }) => role === "undefended")) return label;
  return `${label} (${systems.map(({ title }) => title).join(", ")})`;
}
