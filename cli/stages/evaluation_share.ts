/**
 * A worker's share of an evaluation: the adversarial images of its batches.
 *
 * @module
 */
import { columnsOf, createEvaluationBatches, measuringOrder } from "@realign/core";
import { attackShare, type Share } from "@realign/core/shares";
import { ResultCache } from "../runs/cache_key.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Output } from "../terminal/output.ts";
import { digestsOf } from "./describe_systems.ts";
import { type Evaluated, labelOf } from "./evaluation.ts";
import { openColumns, sharedStorage } from "./kept_evaluation.ts";
import type { Workbench } from "./workbench.ts";

/** How a share is made. */
export interface EvaluationShare {
  /** The cache folder, which all workers see. */
  readonly cache: string;
  readonly share: Share;
  /** Ends the work: what was made is kept. */
  readonly budget?: AbortSignal;
}

/**
 * Makes a share of an evaluation's adversarial images and keeps them where `evaluate` finds them.
 *
 * @param bench O with its weights, and the data
 * @param evaluated The systems and substitutes
 * @param options The cache; which share
 * @param output For progress
 * @param store The run, of which columns that are measured already are left out
 * @returns Number of images that are there now, of all attacks
 * @throws {UsageError} If nothing is kept
 */
export async function evaluateShare(
  bench: Workbench,
  { systems: { list: systems }, substitutes: { list: substitutes } }: Evaluated,
  { cache, share, budget }: EvaluationShare,
  output: Output,
  store?: RunStore,
): Promise<number> {
  const { preset, task, test } = bench;
  const { batchSize } = preset.evaluation;
  const { signal } = output.interruption;
  const results = new ResultCache(cache, bench.code, output.warn);
  results.assertShared();
  const digests = await digestsOf([...systems, ...substitutes]);
  const generator = (await store?.checkpoints.final("train"))?.metadata.sha256;
  const facts = { digests, results, generator };
  const columns = columnsOf(preset.evaluation, systems, substitutes);
  const kept = await openColumns(bench, columns, systems, facts, {}, store);
  const parts = {
    ...{ preset, task, signal, ...(budget && { budget }) },
    storageOf: sharedStorage.bind(undefined, bench, facts),
    batchesFrom: (start: number, every: number) =>
      createEvaluationBatches(test, task, { batchSize, start, every }),
  };
  const batches = Math.ceil(test.length / batchSize);
  const own = Math.ceil((batches - share.index) / share.count);
  let images = 0;
  for (const index of measuringOrder(columns)) {
    const column = columns[index];
    if (!column.attacked || kept?.at(index)) continue;
    await output.interruption.check();
    const most = Math.min(test.length, own * batchSize);
    using progress = output.progress.start(labelOf(column), most, "examples");
    images += await attackShare(parts, column, share, (done) => progress.update(done));
  }
  return images;
}
