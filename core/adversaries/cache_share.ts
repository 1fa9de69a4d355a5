/**
 * A share of an attack cache, for several processes.
 *
 * @module
 */
import { openPart } from "./cache_part.ts";
import type { CacheStorage } from "./cache_storage.ts";
import { type CacheProgress, type CacheSource, nameOf, PartMaker } from "./part_maker.ts";
import type { Batch } from "../dataset.ts";
import { isInShare, type Share } from "../share.ts";
import type * as tf from "../tf.ts";

/** How a cache is cut into parts. */
export interface CacheCut {
  /** Examples of a batch. */
  readonly batchSize: number;
  readonly batchesPerPart: number;
}

/**
 * Makes and stores the parts of a share of a cache that are not stored yet, so that `AttackCache.fill` with the same
 * source, batches and cut finds them, bit for bit as it would make them.
 *
 * @param source As of the cache
 * @param batchesOf The batches of a pass in the dataset's order, from a given batch on
 * @param storage Where all shares store their parts
 * @param cut How many examples a part holds
 * @param share Which parts, counted through all passes
 * @yields After every batch generated and every part found, the number of the share's examples that are done
 * @throws {Error} If the attack leaves its ball, or the batches are of another order
 */
export async function* fillShare<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  source: CacheSource<O, L>,
  batchesOf: (pass: number, start: number) => AsyncIterable<Batch<L>>,
  storage: CacheStorage,
  { batchSize, batchesPerPart }: CacheCut,
  share: Share,
): AsyncGenerator<CacheProgress, void, void> {
  const { length, size: [height, width], passes } = source;
  using maker = new PartMaker(source);
  const perPart = batchSize * batchesPerPart;
  const perPass = Math.ceil(length / perPart);
  const numbers = Array.from({ length: passes * perPass }, (_, piece) => piece)
    .filter((piece) => isInShare(share, piece));
  const firstOf = (piece: number) => piece % perPass * perPart;
  const countOf = (piece: number) => Math.min(perPart, length - firstOf(piece));
  const total = numbers.reduce((sum, piece) => sum + countOf(piece), 0);
  let before = 0;
  for (const piece of numbers) {
    const [pass, number] = [Math.floor(piece / perPass), piece % perPass];
    const place = () => ({
      first: firstOf(piece),
      pixels: height * width * 3,
      featureShape: maker.featureShape,
      batches: batchesPerPart,
      most: countOf(piece),
    });
    const stored = await storage.read(nameOf(pass, number));
    if (!stored || !openPart(stored, place())) {
      const work = { pass, number, place, storage, batchesOf };
      yield* maker.make(work, (count) => ({ done: before + count, total }));
    }
    before += countOf(piece);
    yield { done: before, total };
  }
}
