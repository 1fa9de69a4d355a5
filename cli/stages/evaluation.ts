/**
 * The stage `evaluate`: clean, attacked, restored; every figure of a run.
 *
 * @module
 */
import {
  type CacheStorage,
  type Column,
  columnsOf,
  createEvaluationBatches,
  createGenerator,
  createRandom,
  evaluateColumn,
  type EvaluateParts,
  type Evaluation,
  type EvaluationRow,
  maskingAlarms,
  victimOf,
  worstCases,
} from "@realign/core";
import {
  composeDefenses,
  type Defense,
  generatorDefense,
  identityDefense,
  jpegDefense,
} from "@realign/core/defenses";
import { type Attack, createAttack } from "@realign/core/attacks";
import { jpegRoundTrip } from "@realign/datasets";
import { ResultCache } from "../runs/cache_key.ts";
import type { EvaluatedColumns } from "../runs/evaluated_columns.ts";
import { peakMemoryGiB, readEnvironment } from "../system/environment.ts";
import type { WorkOptions } from "../commands/options.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { attackLabel } from "../report/labels.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";

/** Images of one attack are kept up to this size. */
const MOST_BYTES = 2 ** 30;

/**
 * Loads the generator that a run has trained.
 *
 * @returns It as a defense; dispose it
 * @throws {Error} If the run's training has not come to its end
 */
export async function loadGenerator(
  { preset }: Pick<Workbench, "preset">,
  store: RunStore,
): Promise<Defense & Disposable> {
  const final = await store.checkpoints.final("train");
  if (!final) {
    throw new Error(
      `Cannot find the generator of ${store.id} as its training has not ended: realign train --resume ${store.handle}`,
    );
  }
  const generator = createGenerator(preset.generator, createRandom(preset.seed, "generator"));
  generator.parameters.import(final.tensors, final.path);
  const defense = generatorDefense(generator);
  return {
    ...defense,
    [Symbol.dispose]: () => {
      defense[Symbol.dispose]();
      generator[Symbol.dispose]();
    },
  };
}

/** All that a run is compared by: identity, JPEG, G, and G then JPEG. */
export function defensesOf({ preset }: Workbench, generator: Defense): Defense[] {
  const jpeg = jpegDefense(jpegRoundTrip, preset.evaluation.jpegQuality);
  return [identityDefense, jpeg, generator, composeDefenses([generator, jpeg])];
}

/**
 * Evaluates O and the defenses in front of it.
 *
 * @param bench O with its weights, and the data
 * @param defenses Besides no defense at all, which is always there
 * @param options Threads asked for; the folder where images of attacks on O alone are kept, or "off"
 * @param output Told of progress; its warnings are part of the result
 * @param store The run that keeps measured columns, so that a stopped evaluation goes on
 */
export async function evaluate(
  bench: Workbench,
  defenses: readonly Defense[],
  { threads, cache }: Pick<WorkOptions, "threads" | "cache">,
  output: Output,
  store?: RunStore,
): Promise<Evaluation> {
  const begun = performance.now();
  const { preset, task, target, test } = bench;
  const { batchSize } = preset.evaluation;
  const digest = await bench.digestTarget();
  const results = new ResultCache(cache, bench.code, output.warn);
  // deno-lint-ignore no-explicit-any -- each task has its own outputs and labels; they are passed through
  const parts: EvaluateParts<any, any> = {
    preset,
    task,
    target,
    defenses,
    batches: () => createEvaluationBatches(test, task, { batchSize }),
    storageOf: ({ attack: name }, attack) => imageStorage(bench, digest, name, attack, results),
  };
  const columns = columnsOf(preset, defenses);
  const kept = await openColumns(bench, columns, digest, results, store);
  const rows: EvaluationRow[] = [];
  for (const [index, column] of columns.entries()) {
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
    version: 1,
    preset: preset.name,
    task: preset.task,
    dataset: {
      name: preset.dataset.name,
      split: test.split,
      digest: test.digest,
      count: test.length,
      classNames: test.classNames,
    },
    target: { architecture: preset.target.architecture, digest },
    seed: preset.seed,
    rows,
    warnings: output.warnings,
    environment: { ...await readEnvironment(threads), peakMemoryGiB: memory },
    seconds: Number(seconds.toFixed(1)),
  };
}

/** What was measured of this very evaluation already; undefined where nothing is kept. */
async function openColumns(
  { preset, task, target, test }: Workbench,
  columns: readonly Column[],
  digest: string,
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
  const facts = { preset, dataset: test.digest, target: digest, generator, versions };
  return await results.columns(store, facts);
}

/** Where images of an attack on O alone are kept; nowhere if they are many. */
function imageStorage(
  { preset, test }: Workbench,
  target: string,
  name: string,
  // deno-lint-ignore no-explicit-any -- see above
  attack: Attack<any>,
  results: ResultCache,
): CacheStorage | undefined {
  const [height, width] = test.size;
  if (4 * 3 * height * width * test.length > MOST_BYTES) return undefined;
  return results.images("evaluated", {
    dataset: test.digest,
    size: test.size,
    target,
    architecture: preset.target.architecture,
    attack: name,
    settings: attack.settings,
    version: attack.version,
    batchSize: preset.evaluation.batchSize,
    seed: preset.seed,
  });
}

function labelOf({ threatModel, attack, defense }: Column): string {
  if (threatModel === "none") return "evaluate clean";
  return defense
    ? `evaluate ${attackLabel(attack)} through ${defense.name}`
    : `evaluate ${attackLabel(attack)}`;
}
