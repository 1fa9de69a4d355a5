/**
 * Adversarial images of a frozen O, generated once and cached.
 *
 * x^a depends on O alone, never on G (Algorithm 1 attacks O), so it does not change while G is
 * trained. A perturbation is stored as int8 in units of epsilon / 127, together with O's features of
 * the clean image, z^c of Eq. 6, where they are small enough.
 *
 * @module
 */
import {
  type CachePart,
  type FeatureShape,
  type MadeBatch,
  openPart,
  packPart,
} from "./cache_part.ts";
import { assertKeepable } from "./keepable.ts";
import { type CacheStorage, noStorage } from "./cache_storage.ts";
import { forgetBegun, keepBegun, readBegun } from "./begun_part.ts";
import { PartShelf } from "./part_shelf.ts";
import type { AdversarialBatch } from "./source.ts";
import type { Attack } from "../attacks/attack.ts";
import { record, type RecordedStep } from "../backend/record.ts";
import type { Batch, Images } from "../dataset.ts";
import { createRandom } from "../random.ts";
import type { TargetModel, TaskAdapter } from "../task.ts";
import * as tf from "../tf.ts";
import { ownDraws } from "../workers/draws.ts";
import { foundByAll, inShares } from "../workers/shares.ts";

/** Steps of a perturbation's scale: -127 to 127. */
const LEVELS = 127;
/** Features of an example are not stored if they have more numbers than this. */
const FEATURE_LIMIT = 65_536;
/** Default number of batches in a part: the most that is lost if generation is interrupted. */
const BATCHES_PER_PART = 64;
const GIB = 2 ** 30;

/** The examples of a pass that a part holds. */
type PartRange = Pick<CachePart, "first" | "count">;

/** File names still use the former word for a pass, "draw". */
const nameOf = (pass: number, place: number): string => `draw-${pass}-part-${place}`;

/** The inputs of a cache. */
export interface CacheSource<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: Pick<TaskAdapter<O, L>, "extractFeatures">;
  /** Whether z^c is stored too. @default {true} */
  readonly keepsFeatures?: boolean;
  readonly target: Pick<TargetModel<O>, "forward">;
  readonly attack: Attack<L>;
  /** Examples of the training set. */
  readonly length: number;
  /** `[height, width]`. */
  readonly size: readonly [number, number];
  /** Number of cached passes over the training set; each has its own augmentations. */
  readonly passes: number;
  readonly seed: number;
  /** Maximum bytes of memory; anything beyond is read from storage when needed. @default {2147483648} */
  readonly memoryLimit?: number;
}

/** Progress of filling a cache. */
export interface CacheProgress {
  readonly done: number;
  readonly total: number;
}

/** Perturbations, and features of clean images, by pass and index. */
export class AttackCache<O extends tf.TensorContainer, L extends tf.TensorContainer>
  implements Disposable {
  readonly #source: CacheSource<O, L>;
  readonly #pixels: number;
  readonly #memoryLimit: number;
  /** Consecutive parts of each pass. */
  readonly #passes: readonly PartRange[][];
  readonly #shelf: PartShelf;
  readonly #features: RecordedStep<{ images: Images; labels: L & tf.TensorContainer }, tf.Tensor2D>;
  /** Per example: `[0, 0]` if features are not stored; undefined before the first part. */
  #featureShape: FeatureShape | undefined;

  /**
   * @param source O, the attack, and the size of the training set
   * @throws {RangeError} If the attack's ball has no radius that can be divided into levels
   */
  constructor(source: CacheSource<O, L>) {
    const { task, target, attack, size: [height, width], passes } = source;
    assertKeepable(attack);
    this.#source = source;
    this.#pixels = height * width * 3;
    this.#memoryLimit = source.memoryLimit ?? 2 * GIB;
    this.#shelf = new PartShelf(this.#memoryLimit);
    this.#passes = Array.from({ length: passes }, () => []);
    this.#features = record(
      ({ images, labels }) => task.extractFeatures(target.forward(images), labels).vectors,
      { name: "clean features" },
    );
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
          featureShape: this.#featureShape,
          batches: batchesPerPart,
          most: Math.min(parts[0]?.count ?? Infinity, length - first),
        });
        const stored = await storage.read(name);
        const opened = stored && openPart(stored, place());
        let part = await foundByAll(opened, ({ count }) => count);
        if (part) {
          done += part.count;
        } else {
          const begun = await foundByAll(
            await readBegun(storage, name, place()),
            ({ batches }) => batches,
          );
          const made: MadeBatch[] = begun?.made ?? [];
          let batches = begun?.batches ?? 0;
          this.#featureShape ??= begun?.featureShape;
          done += begun?.count ?? 0;
          let isWhole = false;
          try {
            if (begun) yield progress();
            const start = parts.length * batchesPerPart + batches;
            for await (const batch of batchesOf(pass, start)) {
              made.push(await this.#make(pass, batch, done));
              done += batch.count;
              isWhole = ++batches === batchesPerPart || done >= length;
              if (isWhole) break;
              yield progress();
            }
          } finally {
            if (!isWhole) await keepBegun(storage, name, place(), { made, batches });
          }
          if (made.length === 0 || parts.length > 0 && done - first < place().most) {
            throw new Error(
              `Cannot fill the attack cache as the batches of pass ${pass} end at example ${done} of ${length}`,
            );
          }
          const bytes = packPart(place(), made);
          await storage.write(name, bytes);
          await forgetBegun(storage, name);
          part = openPart(bytes, place())!;
        }
        this.#featureShape = part.featureShape;
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
    const [vectors, length] = this.#featureShape ?? [0, 0];
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

  /** Attacks a batch and disposes it. */
  async #make(pass: number, batch: Batch<L>, first: number): Promise<MadeBatch> {
    const { attack, seed } = this.#source;
    const { images, labels, indices, count } = batch;
    try {
      if (indices.subarray(0, count).some((index, row) => index !== first + row)) {
        throw new Error(
          `Cannot fill the attack cache as its batches must be in the dataset's order: example ${
            indices[0]
          } is at position ${first}`,
        );
      }
      const random = createRandom(seed, "attack", pass, indices[0]);
      const { adversarial, clean } = await inShares(
        { images, labels: labels as tf.TensorContainer },
        async (own) => ({
          adversarial: await attack.perturb(own.images, own.labels as L, ownDraws(random)),
          clean: this.#features(own as typeof own & { labels: L }),
        }),
      );
      const scaled = tf.tidy(() =>
        tf.round(tf.mul(tf.sub(adversarial, images), LEVELS / attack.settings.epsilon))
      );
      const [levels, features] = await Promise.all([
        scaled.data<"float32">(),
        clean.data<"float32">(),
      ]);
      this.#featureShape ??= this.#featuresToKeep(clean, images);
      tf.dispose([adversarial, clean, scaled]);
      const own = levels.subarray(0, count * this.#pixels);
      if (!own.every((level) => Math.abs(level) <= LEVELS)) {
        const reason = own.every(Number.isFinite)
          ? `they left the ball of epsilon ${attack.settings.epsilon}`
          : "they contain NaN: the target's gradient is NaN";
        throw new Error(`Cannot cache adversarial images of "${attack.name}" as ${reason}`);
      }
      return {
        perturbations: new Int8Array(own),
        features: features.slice(0, count * this.#featureShape[0] * this.#featureShape[1]),
      };
    } finally {
      tf.dispose([images, labels as tf.TensorContainer]);
    }
  }

  /** Shape of an example's stored features; none if there are too many. */
  #featuresToKeep(features: tf.Tensor2D, images: Images): FeatureShape {
    const [rows, length] = features.shape;
    const vectors = rows / images.shape[0];
    const { passes, length: examples } = this.#source;
    const bytes = passes * examples * (this.#pixels + 4 * vectors * length);
    const fits = this.#source.keepsFeatures !== false && Number.isInteger(vectors) &&
      vectors * length <= FEATURE_LIMIT &&
      bytes <= this.#memoryLimit;
    return fits ? [vectors, length] : [0, 0];
  }

  [Symbol.dispose](): void {
    this.#features[Symbol.dispose]();
  }
}
