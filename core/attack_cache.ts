/**
 * Adversarial images of a frozen O, made once and kept.
 *
 * x^a depends on O alone, never on G (Algorithm 1 attacks O), so nothing about it changes while G is
 * trained. A perturbation is kept as int8 in units of epsilon / 127; beside it stand O's features of
 * the clean image, z^c of Eq. 6, where they are small enough.
 *
 * @module
 */
import type { Attack } from "./attacks/attack.ts";
import type { Batch, Images } from "./data.ts";
import { createRandom } from "./random.ts";
import type { TargetModel, TaskAdapter } from "./task.ts";
import * as tf from "./tf.ts";
import { record } from "./backend/record.ts";

/** Steps of a perturbation's scale: -127 to 127. */
const LEVELS = 127;
/** Features of an example that take more room than this are not kept. */
const FEATURE_LIMIT = 4096;

/** Where finished parts of a cache are kept between processes. */
export interface CacheStorage {
  /** The bytes under a name, or undefined where there are none, or broken ones. */
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
}

/** Keeps nothing beyond the process. */
export const noStorage: CacheStorage = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
};

/** What a cache is made from. */
export interface CacheSource<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly task: TaskAdapter<O, L>;
  readonly target: TargetModel<O>;
  readonly attack: Attack<L>;
  /** Examples of the training set. */
  readonly length: number;
  /** `[height, width]`. */
  readonly size: readonly [number, number];
  /** Passes over the training set that are kept; each has random changes of its own. */
  readonly draws: number;
  readonly seed: number;
}

/** How far the making of a cache has come. */
export interface CacheProgress {
  readonly done: number;
  readonly total: number;
}

/** The device's share of a cache for one batch. */
export interface CachedBatch {
  /** x^a `[B, H, W, 3]`. */
  readonly adversarial: Images;
  /** z^c `[B, D]`, where it is kept. */
  readonly cleanFeatures: tf.Tensor2D | undefined;
}

/** Perturbations, and features of clean images, by draw and index. */
export class AttackCache<O extends tf.TensorContainer, L extends tf.TensorContainer>
  implements Disposable {
  readonly #source: CacheSource<O, L>;
  readonly #pixels: number;
  readonly #draws: { readonly perturbations: Int8Array; features: Float32Array | undefined }[] = [];
  readonly #features;
  #featureLength = -1;

  constructor(source: CacheSource<O, L>) {
    const { task, target, size: [height, width], length, draws } = source;
    this.#source = source;
    this.#pixels = height * width * 3;
    for (let draw = 0; draw < draws; draw++) {
      this.#draws.push({
        perturbations: new Int8Array(length * this.#pixels),
        features: undefined,
      });
    }
    this.#features = record(
      ({ images, labels }: { images: Images; labels: L }) =>
        task.extractFeatures(target.forward(images), labels).vectors,
      { name: "clean features" },
    );
  }

  /**
   * Fills the cache: reads what the storage has, and makes and stores the rest.
   *
   * @param batchesOf The batches of a draw, each example in one of them at least
   * @param storage Where finished draws are kept; a draw is stored in parts of `partSize` batches
   * @yields After every batch, how many of all examples are there
   */
  async *fill(
    batchesOf: (draw: number, start: number) => AsyncIterable<Batch<L>>,
    storage: CacheStorage,
    batchesPerPart = 64,
  ): AsyncGenerator<CacheProgress, void, void> {
    const { length, draws } = this.#source;
    for (let draw = 0; draw < draws; draw++) {
      const before = draw * length;
      let done = 0;
      let part = 0;
      // Parts that are there already are read back; a part is named by its number, so none is made twice.
      for (; done < length; part++) {
        const bytes = await storage.read(`draw-${draw}-part-${part}`);
        const count = bytes ? this.#unpack(draw, bytes) : 0;
        if (count === 0) break;
        done += count;
        yield { done: before + done, total: draws * length };
      }
      if (done < length) {
        const made: { indices: Uint32Array; count: number }[] = [];
        for await (const batch of batchesOf(draw, part * batchesPerPart)) {
          await this.#make(draw, batch);
          made.push({ indices: batch.indices, count: batch.count });
          tf.dispose([batch.images, batch.labels as tf.TensorContainer]);
          done += batch.count;
          if (made.length === batchesPerPart || done >= length) {
            await storage.write(`draw-${draw}-part-${part++}`, this.#pack(draw, made.splice(0)));
          }
          yield { done: before + done, total: draws * length };
        }
      }
    }
  }

  /** The cached share of a batch, which must be of a draw that is complete. */
  lookUp({ images, indices, draw }: Batch<L>): CachedBatch {
    const { perturbations, features } = this.#draws[draw % this.#draws.length];
    const bytes = new Int8Array(indices.length * this.#pixels);
    indices.forEach((index, row) =>
      bytes.set(
        perturbations.subarray(index * this.#pixels, (index + 1) * this.#pixels),
        row * this.#pixels,
      )
    );
    const unit = this.#source.attack.settings.epsilon / LEVELS;
    const adversarial = tf.tidy(() => {
      const perturbation = tf.mul(tf.tensor(Float32Array.from(bytes), images.shape), unit);
      return tf.clipByValue(tf.add(images, perturbation), 0, 1) as Images;
    });
    if (!features) return { adversarial, cleanFeatures: undefined };
    const length = this.#featureLength;
    const rows = new Float32Array(indices.length * length);
    indices.forEach((index, row) =>
      rows.set(features.subarray(index * length, (index + 1) * length), row * length)
    );
    return { adversarial, cleanFeatures: tf.tensor2d(rows, [indices.length, length]) };
  }

  /** Attacks a batch and keeps the outcome. */
  async #make(draw: number, { images, labels, indices, count }: Batch<L>): Promise<void> {
    const { attack, seed } = this.#source;
    const cache = this.#draws[draw];
    const adversarial = await attack.perturb(
      images,
      labels,
      createRandom(seed, "attack", draw, indices[0]),
    );
    const vectors = this.#features({ images, labels });
    const perturbation = tf.tidy(() =>
      tf.round(tf.mul(tf.sub(adversarial, images), LEVELS / attack.settings.epsilon))
    );
    const [levels, features] = await Promise.all([
      perturbation.data<"float32">(),
      vectors.data<"float32">(),
    ]);
    const perExample = vectors.shape[0] === images.shape[0] ? vectors.shape[1] : Infinity;
    if (perExample <= FEATURE_LIMIT) {
      this.#featureLength = perExample;
      cache.features ??= new Float32Array(this.#source.length * perExample);
    }
    for (let row = 0; row < count; row++) {
      const at = indices[row] * this.#pixels;
      for (let pixel = 0; pixel < this.#pixels; pixel++) {
        cache.perturbations[at + pixel] = Math.max(
          -LEVELS,
          Math.min(LEVELS, levels[row * this.#pixels + pixel]),
        );
      }
      cache.features?.set(
        features.subarray(row * perExample, (row + 1) * perExample),
        indices[row] * perExample,
      );
    }
    tf.dispose([adversarial, vectors, perturbation]);
  }

  /** Header of four numbers (examples, pixels, feature length, spare), indices, perturbations, features. */
  #pack(draw: number, batches: readonly { indices: Uint32Array; count: number }[]): Uint8Array {
    const indices = Uint32Array.from(
      batches.flatMap(({ indices, count }) => [...indices.subarray(0, count)]),
    );
    const { perturbations, features } = this.#draws[draw];
    const featureLength = features ? this.#featureLength : 0;
    const bytes = new Uint8Array(16 + indices.length * (4 + this.#pixels + 4 * featureLength));
    new Uint32Array(bytes.buffer, 0, 4).set([indices.length, this.#pixels, featureLength, 0]);
    new Uint32Array(bytes.buffer, 16, indices.length).set(indices);
    let at = 16 + 4 * indices.length;
    for (const index of indices) {
      bytes.set(new Uint8Array(perturbations.buffer, index * this.#pixels, this.#pixels), at);
      at += this.#pixels;
    }
    for (const index of indices) {
      if (!features) break;
      bytes.set(new Uint8Array(features.buffer, 4 * index * featureLength, 4 * featureLength), at);
      at += 4 * featureLength;
    }
    return bytes;
  }

  /** Takes a part over; returns how many examples it held, 0 if it is not of this cache. */
  #unpack(draw: number, bytes: Uint8Array): number {
    const header = new Uint32Array(bytes.slice(0, 16).buffer);
    const [count, pixels, featureLength] = header;
    if (pixels !== this.#pixels || bytes.length !== 16 + count * (4 + pixels + 4 * featureLength)) {
      return 0;
    }
    const cache = this.#draws[draw];
    const indices = new Uint32Array(bytes.slice(16, 16 + 4 * count).buffer);
    if (indices.some((index) => index >= this.#source.length)) return 0;
    if (featureLength > 0) {
      this.#featureLength = featureLength;
      cache.features ??= new Float32Array(this.#source.length * featureLength);
    }
    let at = 16 + 4 * count;
    for (const index of indices) {
      new Uint8Array(cache.perturbations.buffer).set(
        bytes.subarray(at, at + pixels),
        index * pixels,
      );
      at += pixels;
    }
    for (const index of indices) {
      if (featureLength === 0) break;
      new Uint8Array(cache.features!.buffer).set(
        bytes.subarray(at, at + 4 * featureLength),
        4 * index * featureLength,
      );
      at += 4 * featureLength;
    }
    return count;
  }

  [Symbol.dispose](): void {
    this.#features[Symbol.dispose]();
  }
}
