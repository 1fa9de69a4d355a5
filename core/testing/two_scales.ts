/**
 * Pictures whose class shows twice: coarsely, and in a fine texture that a blur removes. A plain network looks at
 * both, so attacks on it alone are fine and a blur undoes them; who knows of the blur attacks what it leaves.
 *
 * @module
 */
import { ballAround, project } from "../attacks/ball.ts";
import { crossEntropy } from "../attacks/objectives.ts";
import type { Dataset, Images } from "../dataset.ts";
import { dense } from "../layers/mod.ts";
import { createRandom, type Random } from "../random.ts";
import type { TargetModel } from "../task.ts";
import * as tf from "../tf.ts";
import { Parameters } from "../weights/parameters.ts";
import type { ToyOutput } from "./toy_task.ts";

/** Side of the pictures. */
const SIDE = 8;
const CLASSES = 3;

/** How clear the class is that {@linkcode redraw} sees. */
const SHARPNESS = 1;

/** How strongly the class shows, in `[0, 1]` of a pixel's range. */
export interface Contrast {
  readonly coarse: number;
  readonly fine: number;
  /** Of the uniform noise. */
  readonly noise: number;
}

/** From -1 to 1 across the picture. */
const across = (place: number) => 2 * place / (SIDE - 1) - 1;

/** For each class, -1 to 1 at a pixel: from left to right, from top to bottom, from the corners inwards. */
const COARSE = [
  (x: number, _y: number) => across(x),
  (_x: number, y: number) => across(y),
  (x: number, y: number) => 1 - Math.abs(across(x)) - Math.abs(across(y)),
] as const;

/** For each class, -1 or 1: stripes along each axis, and a chessboard. */
const FINE = [
  (x: number, _y: number) => x % 2 * 2 - 1,
  (_x: number, y: number) => y % 2 * 2 - 1,
  (x: number, y: number) => (x + y) % 2 * 2 - 1,
] as const;

/** Grey pictures of the three classes in turn. */
export function createTwoScales(
  length: number,
  { coarse, fine, noise }: Contrast,
  split: string,
): Dataset<number> {
  return {
    name: "two scales",
    split,
    length,
    size: [SIDE, SIDE],
    classNames: ["left to right", "top to bottom", "inwards"],
    digest: `two-scales-${split}-${length}`,
    read(index) {
      const annotation = index % CLASSES;
      const random = createRandom(1, split, index);
      const strength = 0.8 + 0.4 * random.next();
      const pixels = new Uint8Array(SIDE * SIDE * 3);
      for (let place = 0; place < SIDE * SIDE; place++) {
        const [x, y] = [place % SIDE, Math.floor(place / SIDE)];
        const own = coarse * strength * COARSE[annotation](x, y) + fine * FINE[annotation](x, y);
        for (let channel = 0; channel < 3; channel++) {
          const value = 0.5 + own + noise * (2 * random.next() - 1);
          pixels[3 * place + channel] = Math.round(255 * Math.min(1, Math.max(0, value)));
        }
      }
      const picture = { height: SIDE, width: SIDE, pixels };
      return Promise.resolve({ id: `${split}-${index}`, picture, annotation });
    },
  };
}

/** Means of 2 by 2 neighbours: what {@linkcode FINE} shows is gone. */
export function blur(images: Images): Images {
  const padded = tf.mirrorPad(images, [[0, 0], [0, 1], [0, 1], [0, 0]], "reflect");
  return tf.avgPool(padded, 2, 1, "valid");
}

/** Patterns of all classes as weights of pixels, `[K, 8, 8, 3]`. */
function patternsOf(of: readonly ((x: number, y: number) => number)[]): tf.Tensor4D {
  const values = of.map((value) =>
    Array.from(
      { length: SIDE },
      (_, y) => Array.from({ length: SIDE }, (_, x) => Array<number>(3).fill(value(x, y))),
    )
  );
  return tf.tensor4d(values);
}

/**
 * A fixed G: blurs, and draws the texture of the class that shows coarsely, as clear as the class is.
 *
 * @param images `[B, 8, 8, 3]`
 * @param fine Strength of the texture
 */
export function redraw(images: Images, fine: number): Images {
  const coarse = patternsOf(COARSE);
  const blurred = blur(images);
  const size = SIDE * SIDE * 3;
  const flat = (tensor: tf.Tensor) => tf.reshape(tensor, [-1, size]) as tf.Tensor2D;
  const evidence = tf.matMul(flat(tf.sub(blurred, 0.5)), flat(coarse), false, true);
  const classes = tf.softmax(tf.mul(evidence, SHARPNESS));
  const texture = tf.reshape(tf.matMul(classes, flat(patternsOf(FINE))), images.shape);
  return tf.clipByValue(tf.add(blurred, tf.mul(texture, fine)), 0, 1) as Images;
}

/** A network of two dense layers. */
export function createTwoScaleTarget(random: Random): TargetModel<ToyOutput> {
  const parameters = new Parameters(random);
  const hidden = dense(parameters, "hidden", SIDE * SIDE * 3, 48);
  const last = dense(parameters, "last", 48, CLASSES);
  return {
    name: "two-scales-net",
    parameters,
    forward(images) {
      const pixels = tf.reshape(tf.sub(images, 0.5), [-1, SIDE * SIDE * 3]) as tf.Tensor2D;
      const features = tf.relu(hidden(pixels)) as tf.Tensor2D;
      return { logits: last(features), features };
    },
    [Symbol.dispose]: () => parameters[Symbol.dispose](),
  };
}

/** What a network is trained on in place of the images of a step. */
export type Seen = (images: Images, labels: tf.Tensor1D, step: number) => Promise<Images>;

/** Trains a network by Adam, each step on all images. */
export async function trainTwoScales(
  { forward, parameters }: TargetModel<ToyOutput>,
  { images, labels }: { readonly images: Images; readonly labels: tf.Tensor1D },
  { steps, see, rate = 0.01 }: {
    readonly steps: number;
    readonly see: Seen;
    readonly rate?: number;
  },
): Promise<void> {
  const optimizer = tf.train.adam(rate);
  for (let step = 0; step < steps; step++) {
    const seen = await see(images, labels, step);
    optimizer.minimize(
      () => tf.mean(crossEntropy(forward(seen).logits, labels)) as tf.Scalar,
      false,
      [...parameters.variables],
    );
    seen.dispose();
  }
  optimizer.dispose();
}

/** Images that PGD makes against the network of the moment, for adversarial training. */
export function adversarialFor(
  { forward }: TargetModel<ToyOutput>,
  { epsilon, steps }: { readonly epsilon: number; readonly steps: number },
): Seen {
  return (images, labels) =>
    Promise.resolve(tf.tidy(() => {
      const ball = ballAround(images, epsilon);
      const slope = tf.grad((pixels) =>
        tf.sum(crossEntropy(forward(pixels as Images).logits, labels))
      );
      let current = images;
      for (let step = 0; step < steps; step++) {
        const move = tf.mul(2 * epsilon / steps, tf.sign(slope(current)));
        current = project(tf.add<Images>(current, move), ball);
      }
      return tf.clone(current);
    }));
}
