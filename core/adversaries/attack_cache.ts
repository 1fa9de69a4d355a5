/**
 * Adversarial images of a frozen O, generated once and cached.
 *
 * x^a depends on O alone, never on G (Algorithm 1 attacks O), so it does not change while G is
 * trained. A perturbation is stored as int8 in units of epsilon / 127, together with O's features of
 * the clean image, z^c of Eq. 6, where they are small enough.
 *
 * @module
 */
import { type CachePart, openPart } from "./cache_part.ts";
import { type CacheStorage, noStorage } from "./cache_storage.ts";
import {
  type CacheProgress,
  type CacheSource,
  LEVELS,
  memoryLimitOf,
  nameOf,
  PartMaker,
} from "./part_maker.ts";
import { PartShelf } from "./part_shelf.ts";
import type { AdversarialBatch } from "./source.ts";
import type { Batch, Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import { foundByAll } from "../workers/divided_work.ts";

export type { CacheProgress, CacheSource };

/** Default number of batches in a part: the most that is lost if generation is interrupted. */
const BATCHES_PER_PART = 64;
const GIB = 2 ** 30;

/** The examples of a pass that a part holds. */
type PartRange = Pick<CachePart, "first" | "count">;

/** Perturbations, and features of clean images, by pass and index. */
export class AttackCache<O extends tf.TensorContainer, L extends tf.TensorContainer>
  implements Disposable {
  readonly #source: CacheSource<O, L>;
  readonly #pixels: number;
  readonly #memoryLimit: number;
  /** Consecutive parts of each pass. */
  readonly #passes: readonly PartRange[][];
  readonly #shelf: PartShelf;
  readonly #maker: PartMaker<O, L>;

  /**
   * @param source O, the attack, and the size of the training set
   * @throws {RangeError} If the attack's ball has no radius that can be divided into levels
   */
  constructor(source: CacheSource<O, L>) {
    const { size: [height, width], passes } = source;
    this.#maker = new PartMaker(source);
    this.#source = source;
    this.#pixels = height * width * 3;
    this.#memoryLimit = memoryLimitOf(source);
    this.#shelf = new PartShelf(this.#memoryLimit);
    this.#passes = Array.from({ length: passes }, () => []);
  }

  /** Number of cached passes over the training set. */
  get passes(): number {
    return this.#passes.length;
  }

  /**
   * Fills the cache: reads what the storage has, and generates and stores the rest.
   *
   * @param batchesOf The batches of a pass in the dataset's order, all of one size except for padding, from
   * a given batch on
   * @param storage Stores parts of exactly this source and these batches; parts beyond the
   * memory limit are reread from it while the cache is in use
   * @param batchesPerPart Number of batches per part
   * @yields After every batch generated and every part read, the number of examples done. Stopped there, it keeps the batches of an unfinished part too
   * @throws {Error} If the attack leaves its ball, or the batches are of another order
   * @throws {RangeError} If perturbations exceed the memory limit and there is no storage
   */
  async *fill(
    batchesOf: (pass: number, start: number) => AsyncIterable<Batch<L>>,
    storage: CacheStorage,
    batchesPerPart = BATCHES_PER_PART,
  ): AsyncGenerator<CacheProgress, void, void> {
    const { length, passes } = this.#source;
    const bytes = passes * length * this.#pixels;
    if (bytes > this.#memoryLimit && storage === noStorage) {
      const [wanted, limit] = [bytes, this.#memoryLimit].map((size) => (size / GIB).toFixed(1));
      throw new RangeError(
        `Cannot cache adversarial images as ${passes} passes over ${length} examples need ${wanted} GiB of memory but only ${limit} may be used: lower train.attackCache (0 generates them in every step) or dataset.trainExamples`,
      );
    }
    for (const [pass, parts] of this.#passes.entries()) {
      let done = parts.reduce((sum, { count }) => sum + count, 0);
      const progress = () => ({ done: pass * length + done, total: passes * length });
      while (done < length) {
        const first = done;
        const name = nameOf(pass, parts.length);
        const place = () => ({
          first,
          pixels: this.#pixels,
          featureShape: this.#maker.featureShape,
          batches: batchesPerPart,
          most: Math.min(parts[0]?.count ?? Infinity, length - first),
        });
        const stored = await storage.read(name);
        const opened = stored && openPart(stored, place());
        let part = await foundByAll(opened, ({ count }) => count);
        if (part) {
          done += part.count;
        } else {
          const work = { pass, number: parts.length, place, storage, batchesOf };
          part = yield* this.#maker.make(work, (count) => {
            done = first + count;
            return progress();
          });
          done = first + part.count;
        }
        this.#maker.featureShape = part.featureShape;
        const own = { ...place(), most: part.count };
        this.#shelf.put(name, part, async () => {
          const bytes = await storage.read(name);
          const again = bytes && openPart(bytes, own);
          if (again) return again;
          throw new Error(
            `Cannot reload adversarial images as ${name} of the attack cache is missing or damaged: run the same command again to regenerate it`,
          );
        });
        parts.push({ first, count: part.count });
        yield progress();
      }
    }
  }

  /**
   * The cached images and features of a batch.
   *
   * @param batch Clean images as they were when the cache was filled, in any order
   * @returns Adversarial images and cached features; owned by the caller
   * @throws {Error} If the batch's pass is incomplete, or a part is missing from the storage
   */
  async lookUp({ images, indices, pass }: Batch<L>): Promise<AdversarialBatch> {
    const kept = pass % this.#passes.length;
    const parts = this.#passes[kept];
    const pixels = this.#pixels;
    const [vectors, length] = this.#maker.featureShape ?? [0, 0];
    const featureLength = vectors * length;
    const levels = new Float32Array(indices.length * pixels);
    const features = new Float32Array(indices.length * featureLength);
    for (const [row, index] of indices.entries()) {
      const place = Math.floor(index / (parts[0]?.count ?? 1));
      const at = index - (parts[place]?.first ?? 0);
      if (at >= (parts[place]?.count ?? 0)) {
        throw new Error(
          `Cannot look up adversarial images as example ${index} of pass ${pass} is not in the cache: fill it first`,
        );
      }
      const part = await this.#shelf.get(nameOf(kept, place));
      levels.set(part.perturbations.subarray(at * pixels, (at + 1) * pixels), row * pixels);
      features.set(
        part.features.subarray(at * featureLength, (at + 1) * featureLength),
        row * featureLength,
      );
    }
    const adversarial = tf.tidy(() => {
      const unit = this.#source.attack.settings.epsilon / LEVELS;
      const perturbation = tf.mul(tf.tensor(levels, images.shape), unit);
      return tf.clipByValue(tf.add(images, perturbation), 0, 1) as Images;
    });
    if (featureLength === 0) return { adversarial };
    const cleanFeatures = tf.tensor2d(features, [indices.length * vectors, length]);
    return { adversarial, cleanFeatures };
  }

  [Symbol.dispose](): void {
    this.#maker[Symbol.dispose]();
  }
}
