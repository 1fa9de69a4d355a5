/**
 * What a service computes: restored images, and what O says of images.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  createRandom,
  HeldTensors,
  type Images,
  type Overlay,
} from "@realign/core";
import { record, type RecordedStep } from "@realign/core/backend";
import {
  answerBehind,
  createDefense,
  type Defense,
  type DefenseKit,
  type DefenseSettings,
  isRandom,
} from "@realign/core/defenses";
import type * as tf from "@realign/core/tf";
import { HttpError } from "./answers.ts";
import { fromBatch, type HostImage, toBatch } from "./image.ts";
import { Recent } from "./recent.ts";

/** Sizes of images whose recordings are kept: each new one costs a recording, and none may fill the memory. */
const KEPT_SIZES = 16;

/** What O says of an image. */
export interface Prediction {
  /** In the task's words. */
  readonly text: string;
  /** A label map or boxes, if the task draws any. */
  readonly overlay?: Overlay;
}

/** O, and the task that reads its answers. */
export interface Predictor {
  readonly task: AnyTask;
  readonly target: AnyTarget;
  readonly classNames: readonly string[];
}

/** What an engine is made of; all of it is borrowed. */
export interface EngineParts {
  readonly chain: readonly DefenseSettings[];
  readonly kit: DefenseKit;
  /** Absent where only images are restored. */
  readonly predictor?: Predictor;
  /** The most images of a batch. */
  readonly most: number;
}

/** The defense for images of one size, with its recordings. */
interface Sized extends Disposable {
  readonly defense: Defense;
  readonly answer?: RecordedStep<{ images: Images }, tf.TensorContainer>;
  readonly answerRestored?: RecordedStep<{ images: Images }, tf.TensorContainer>;
}

/** Restores and predicts batches of images of one size; dispose it. */
export class Engine implements Disposable {
  /** Whether two passes over an image may differ. */
  readonly random: boolean;
  readonly predictor: Predictor | undefined;
  /** The most images of a batch. */
  readonly most: number;
  readonly #make: () => Promise<Sized>;
  readonly #sizes: Recent<Sized>;

  private constructor(parts: EngineParts, sizes: Recent<Sized>, random: boolean) {
    this.random = random;
    this.predictor = parts.predictor;
    this.most = parts.most;
    this.#make = () => makeSized(parts);
    this.#sizes = sizes;
  }

  /**
   * Makes an engine, and restores a first image with it.
   *
   * @param parts Defenses and O
   * @param size `[height, width]` of the first image
   * @throws {Error} If a defense cannot be made, or does not work
   */
  static async open(
    parts: EngineParts,
    [height, width]: readonly [number, number],
  ): Promise<Engine> {
    using stack = new DisposableStack();
    const sizes = stack.use(new Recent<Sized>(KEPT_SIZES));
    const { defense } = await sizes.get(keyOf(height, width), () => makeSized(parts));
    const engine = new Engine(parts, sizes, isRandom(defense));
    const grey = { height, width, values: new Uint8Array(height * width * 3).fill(127) };
    await engine.restore([grey], 0);
    if (parts.predictor) await engine.predict([grey], 0, true);
    stack.move();
    return engine;
  }

  /**
   * Restores images.
   *
   * @param images Of one size, at most {@linkcode most}
   * @param seed Where a random defense draws from
   * @returns As many images
   * @throws {HttpError} 500 if the result is not a number
   */
  async restore(images: readonly HostImage[], seed: number): Promise<HostImage[]> {
    using held = new HeldTensors();
    const { restored } = await this.#restored(images, seed, held);
    const results = await fromBatch(restored, images.length);
    if (results.every(({ values }) => values.every(Number.isFinite))) return results;
    throw new HttpError(500, "Cannot restore the image as the result is not a number");
  }

  /**
   * Asks O.
   *
   * @param images Of one size, at most {@linkcode most}
   * @param seed Where a random defense draws from
   * @param defended Whether they are restored before
   * @returns A prediction for each
   * @throws {TypeError} If there is no O
   */
  async predict(
    images: readonly HostImage[],
    seed: number,
    defended: boolean,
  ): Promise<Prediction[]> {
    if (!this.predictor) throw new TypeError("Cannot predict as there is no O");
    const { task } = this.predictor;
    using held = new HeldTensors();
    const { sized, restored } = await this.#restored(images, seed, held, defended);
    const answer = defended ? sized.answerRestored! : sized.answer!;
    const output = held.keep(answer({ images: restored }));
    const texts = await task.describe(output, images.length);
    const overlays = await task.draw?.(output, images.length);
    return texts.map((text, row) => ({ text, ...overlays && { overlay: overlays[row] } }));
  }

  /** The batch on the device, restored unless O alone is asked. */
  async #restored(
    images: readonly HostImage[],
    seed: number,
    held: HeldTensors,
    defended = true,
  ): Promise<{ readonly sized: Sized; readonly restored: Images }> {
    const [{ height, width }] = images;
    const sized = await this.#sizes.get(keyOf(height, width), this.#make);
    const batch = held.keep(toBatch(images, paddedTo(images.length, this.most)));
    if (!defended) return { sized, restored: batch };
    // The stream of `realign defend`.
    const random = createRandom(seed, "defend");
    return { sized, restored: held.keep(await sized.defense.restore(batch, random)) };
  }

  [Symbol.dispose](): void {
    this.#sizes[Symbol.dispose]();
  }
}

const keyOf = (height: number, width: number) => `${height}x${width}`;

/** The next power of two, so that few sizes of batches are recorded. */
function paddedTo(count: number, most: number): number {
  return Math.min(most, 2 ** Math.ceil(Math.log2(count)));
}

async function makeSized({ chain, kit, predictor }: EngineParts): Promise<Sized> {
  using stack = new DisposableStack();
  const defense = stack.use(await createDefense(chain, kit));
  const recorded = (answer: (images: Images) => tf.TensorContainer) =>
    stack.use(record(({ images }: { images: Images }) => answer(images), { name: "predict" }));
  const target = predictor?.target;
  const answers = target && {
    answer: recorded((images) => target.forward(images)),
    answerRestored: recorded(answerBehind({ target, defense })),
  };
  const owned = stack.move();
  return { defense, ...answers, [Symbol.dispose]: () => owned.dispose() };
}
