/**
 * Evaluates a run, and saves the results with it.
 *
 * @module
 */
import {
  type EvaluatedTarget,
  type Evaluation,
  isBy,
  PAPER_SUITE,
  withOwnTargets,
  withSuite,
} from "@realign/core";
import type { Share } from "@realign/core/shares";
import { encodePng } from "@realign/datasets";
import { isDeepStrictEqual } from "node:util";
import { strongestRow } from "../report/compared_rows.ts";
import { forgetColumns } from "../runs/evaluated_columns.ts";
import { otherTargetFile } from "../runs/other_targets.ts";
import { saveFeatures } from "../runs/feature_file.ts";
import { saveSamples } from "../runs/sample_files.ts";
import { evaluate, type Evaluated } from "../stages/evaluation.ts";
import { evaluateShare } from "../stages/evaluation_share.ts";
import { collectFeatures } from "../stages/features.ts";
import { collectSamples } from "../stages/samples.ts";
import { openSubstitutes } from "../stages/substitutes.ts";
import { openKit, openSystems } from "../stages/systems.ts";
import { prepareTarget } from "../stages/target.ts";
import { digestOf } from "../stages/target_models.ts";
import type { Output } from "../terminal/output.ts";
import { Budget } from "./budget.ts";
import type { OpenRun } from "./open_run.ts";
import type { WorkOptions } from "./options.ts";

/** Options of an evaluation that is saved. */
export interface SaveOptions extends WorkOptions {
  /** Whether results of other settings than the run's may overwrite its own. */
  readonly replace?: boolean;
  /** Names another target than the run's; the preset already has it. */
  readonly target?: string;
  /** Seconds after which what was measured is the result. */
  readonly budget?: number;
  /** Folder for adversarial images. */
  readonly saveAdversarial?: string;
  /** File of images that others made. */
  readonly submit?: string;
}

/**
 * Evaluates a run, and saves results and example images with it. In front of another target, the results are
 * saved in a file of their own, beside those of the run.
 */
export async function evaluateAndSave(
  run: OpenRun,
  options: SaveOptions,
  output: Output,
): Promise<Evaluation> {
  const { bench, store } = run;
  for (const warning of store.record.warnings) output.warn(warning);
  const isOwn = options.target === undefined;
  using evaluated = await openEvaluated(run, options, output);
  const { systems } = evaluated;
  using time = new Budget(options.budget);
  const limited = { ...options, budget: time.signal };
  const evaluation = await evaluate(bench, evaluated, limited, output, store);
  const file = isOwn ? "evaluation.json" : otherTargetFile(evaluation.target);
  if (await mayReplace(bench, store, options, file, evaluation)) {
    if (isOwn) {
      const { interruption: { signal } } = output;
      const row = strongestRow(evaluation.rows);
      await saveSamples(store, await collectSamples(bench, systems, row, signal), encodePng);
      await saveFeatures(store, await collectFeatures(bench, systems, row, output));
    }
    await store.writeJson(file, evaluation);
  } else {
    output.note(
      `${store.id} keeps its saved evaluation because this one uses other settings or images, or says less: --replace overwrites it`,
    );
  }
  // What is unfinished goes on from its columns.
  if (!evaluation.unfinished) await forgetColumns(store);
  return evaluation;
}

/** A worker's share of a run's evaluation: nothing is measured, and the run stays as it is. */
export async function shareEvaluation(
  run: OpenRun,
  { share, ...options }: SaveOptions & { readonly share: Share },
  output: Output,
): Promise<number> {
  using evaluated = await openEvaluated(run, options, output);
  using time = new Budget(options.budget);
  const own = { cache: options.cache, share, budget: time.signal };
  return await evaluateShare(run.bench, evaluated, own, output, run.store);
}

/** Opens what of a run is evaluated; dispose it. */
async function openEvaluated(
  { bench, store }: OpenRun,
  { target }: Pick<SaveOptions, "target">,
  output: Output,
): Promise<Evaluated & Disposable> {
  using stack = new DisposableStack();
  const kit = stack.use(openKit(bench, store));
  const systems = stack.use(await openSystems(bench, kit));
  const substitutes = stack.use(await openSubstitutes(bench, store));
  output.ready();
  await (target === undefined ? prepareTarget(bench, store, output) : bench.loadTarget(output));
  const trainedFor = target === undefined ? undefined : await ownTarget(bench, store);
  const owned = stack.move();
  return {
    systems,
    substitutes,
    ...(trainedFor && { trainedFor }),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Whether results may replace those of a run: with other settings, or of a weaker suite, only if requested. */
async function mayReplace(
  { suites, preset: { evaluation }, split }: OpenRun["bench"],
  store: OpenRun["store"],
  { replace = false }: SaveOptions,
  file: string,
  results: Evaluation,
): Promise<boolean> {
  if (replace || store.results !== store.folder) return true;
  if (split === "train") return false;
  const kept = await store.readJson(file).catch(() => undefined) as Evaluation | undefined;
  if (kept === undefined) return true;
  const { preset: own } = store.record;
  const { suite = PAPER_SUITE } = evaluation;
  const known = suite === PAPER_SUITE || Object.hasOwn(suites, suite);
  // In front of another target, those of systems and substitutes no longer follow O.
  const isOwn = known &&
    [own, withOwnTargets(own)].some((preset) =>
      isDeepStrictEqual(evaluation, withSuite(preset.evaluation, suite, suites))
    );
  return isOwn && !saysLess(results, kept);
}

/** Whether results lack what the kept ones of the same settings have: attacks, or examples. */
function saysLess(results: Evaluation, kept: Evaluation): boolean {
  const has = (rows: Evaluation["rows"], row: Evaluation["rows"][number]) =>
    rows.some((other) =>
      isBy(other, row) && other.attack === row.attack && other.system === row.system &&
      other.metric.count >= row.metric.count
    );
  // A file that is none of ours has nothing to lose.
  return Array.isArray(kept.rows) && kept.rows.some((row) => !has(results.rows, row));
}

/** The target that a run's G was trained for. */
async function ownTarget(
  bench: OpenRun["bench"],
  store: OpenRun["store"],
): Promise<EvaluatedTarget> {
  const { preset } = store.record;
  const final = await store.checkpoints.final("train-target");
  if (!final) {
    throw new Error(`Cannot find O's weights in ${store.id} as they are missing or damaged`);
  }
  using own = bench.createOther(preset, "target").target;
  own.parameters.import(final.tensors, final.path);
  return { architecture: preset.target.architecture, digest: await digestOf(own) };
}
