/**
 * A share of an evaluation's attacks, for several processes.
 *
 * @module
 */
import type { Batch } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { pause } from "../pause.ts";
import type { Share } from "../share.ts";
import type * as tf from "../tf.ts";
import { AttackedImages, type AttackedParts, endsOf } from "./attacked_images.ts";
import type { Column } from "./columns.ts";

/** So many batches between two that only one comes. */
const ONE = Number.MAX_SAFE_INTEGER;

/** Inputs of a share. */
export interface ShareParts<O extends tf.TensorContainer, L extends tf.TensorContainer>
  extends AttackedParts<O, L> {
  /** Iterates over each `every`-th batch, from the batch `start` on. */
  readonly batchesFrom: (start: number, every: number) => AsyncIterable<Batch<L>>;
}

/**
 * Makes a share of a column's adversarial images and stores them, so that {@linkcode evaluateColumn} on the same
 * storage finds them, bit for bit as it would make them. Behind a random defense the first batches decide how many
 * draws a gradient takes: each share needs them, whoever stores them first.
 *
 * @param parts Task, seed, examples, storage
 * @param column Which images
 * @param share Which batches
 * @param progress Called with the number of examples done
 * @returns Number of examples; 0 where nothing is attacked
 *
 * @example Usage
 * ```ts
 * import { createEvaluationBatches, createRandom, undefended } from "@realign/core";
 * import { attackShare } from "@realign/core/shares";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyDataset, createToyTask, toyPreset as preset } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const kept = new Map<string, Uint8Array>();
 * const storage = {
 *   read: (name: string) => Promise.resolve(kept.get(name)),
 *   write: (name: string, bytes: Uint8Array) => Promise.resolve(void kept.set(name, bytes)),
 * };
 * const dataset = createToyDataset(10, "test");
 * const batchesFrom = (start: number, every: number) =>
 *   createEvaluationBatches(dataset, task, { batchSize: 4, start, every });
 * const column = {
 *   threatModel: "oblivious",
 *   attack: "pgd",
 *   settings: { name: "pgd", epsilon: 0.1, steps: 1 },
 *   attacked: { target },
 *   systems: [undefended(target)],
 * };
 * const parts = { preset, task, storageOf: () => storage, batchesFrom };
 * assert.equal(await attackShare(parts, column, { index: 0, count: 2 }), 6);
 * assert.deepEqual([...kept.keys()], ["0", "8"]);
 * ```
 */
export async function attackShare<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  parts: ShareParts<O, L>,
  column: Column<O>,
  { index, count }: Share,
  progress: (done: number) => void = () => {},
): Promise<number> {
  using source = AttackedImages.of(parts, column);
  if (!source) return 0;
  const make = async (batch: Batch<L>): Promise<number> => {
    using held = new HeldTensors();
    held.keep([batch.images, batch.labels as tf.TensorContainer]);
    await pause(endsOf(parts));
    held.keep(await source.imagesOf(batch));
    return batch.count;
  };
  for (let next = 0; source.needsDraws; next++) {
    let made = 0;
    for await (const batch of parts.batchesFrom(next, ONE)) made += await make(batch);
    if (made === 0) break;
  }
  let done = 0;
  for await (const batch of parts.batchesFrom(index, count)) progress(done += await make(batch));
  return done;
}
