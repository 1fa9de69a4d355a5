/**
 * Defenses that are broken on purpose, each in its own way, and what they really leave.
 *
 * @module
 */
import {
  bpdaVictim,
  exactVictim,
  expectationVictim,
  substituteVictim,
  type Victim,
} from "@realign/core/attacks";
import {
  composeDefenses,
  type Defense,
  jpegDefense,
  randomResizePadDefense,
} from "@realign/core/defenses";
import * as tf from "@realign/core/tf";
import { HeldTensors, type Random, type TargetModel } from "@realign/core";
import { createToyTask, type ToyOutput } from "../../core/testing/toy_task.ts";
import { blur, redraw } from "../../core/testing/two_scales.ts";

type Images = tf.Tensor4D;

/** Decides, and measures accuracy. */
export const task = createToyTask();

/** A broken defense with the attack that sees through it. */
export interface Broken {
  /** What is wrong with it. */
  readonly title: string;
  readonly defense?: Defense & Partial<Disposable>;
  /** Its target model, if not O. */
  readonly target?: TargetModel<ToyOutput>;
  /** Alarms that must name why it looks better than it is, in an evaluation by attacks on O alone. */
  readonly alarms: readonly string[];
  /** For an attacker who works around what is broken. */
  victim(): Victim<ToyOutput, tf.Tensor1D>;
}

/** A defense that needs no noise. */
function defenseOf(
  name: string,
  restore: (images: Images) => Images,
  gradient: Defense["gradient"] = { exact: true, apply: restore },
): Defense {
  return {
    name,
    variables: [],
    gradient,
    restore: (images) => Promise.resolve(tf.tidy(() => restore(images))),
  };
}

/** A function with a gradient of 0. */
const killed = (restore: (images: Images) => Images) => (images: Images): Images =>
  tf.customGrad((pixels) => ({
    value: restore(pixels as Images),
    gradFunc: (gradient: tf.Tensor) => tf.zerosLike(gradient),
  }))(images) as Images;

/** Eight steps from black to white. */
const quantise = (images: Images) => tf.div(tf.round(tf.mul(images, 7)), 7) as Images;

/** Mean distance of pixels to what G draws. */
const NOISY = 0.06;

/** EOT: draws of an averaged gradient. */
const DRAWS = 20;

/** How hard the softmax is that stands behind the logits. */
const TEMPERATURE = 0.05;

/** All of them in front of a plainly trained O; dispose the defenses. */
export function brokenDefenses(target: TargetModel<ToyOutput>, fine: number): Broken[] {
  const restore = (images: Images) => redraw(images, fine);
  /** An attacker who takes a defense's gradient for that of a function. */
  const by = (defense: Defense, apply: (images: Images) => Images) => () =>
    bpdaVictim({ task, target, defense: { ...defense, gradient: { exact: false, apply } } });

  // A declared gradient that is that of rounding: 0.
  const quantised = defenseOf("quantisation", (images) => quantise(restore(images)));

  const killer = defenseOf("gradient killer", killed(restore));

  const jpeg = jpegDefense(async (picture) => {
    using held = new HeldTensors();
    const shape: Images["shape"] = [1, picture.height, picture.width, 3];
    const blurred = held.keep(
      tf.tidy(() => tf.round(blur(tf.tensor4d(Array.from(picture.pixels), shape)))),
    );
    return { ...picture, pixels: Uint8Array.from(await blurred.data()) };
  }, 75);

  const resized = composeDefenses([
    randomResizePadDefense({ smallest: 0.7, perImage: true }),
    defenseOf("G", restore),
  ]);

  // Whatever is far from what G draws looks noisy and is redrawn, by a decision that has no slope.
  const noisy = (images: Images, drawn: Images) => {
    const distance = tf.mean(tf.abs(tf.sub(images, drawn)), [1, 2, 3], true);
    return tf.step(tf.sub(distance, NOISY)) as Images;
  };
  const judged = (images: Images) => {
    const drawn = restore(images);
    const share = noisy(images, drawn);
    return tf.add(tf.mul(share, drawn), tf.mul(tf.sub(1, share), images)) as Images;
  };
  const detector = defenseOf("noise detector", judged, { exact: false, apply: (images) => images });

  const clip = (images: Images) =>
    tf.clipByValue(tf.add(tf.mul(tf.sub(restore(images), 0.5), 40), 0.5), 0, 1) as Images;
  const clipped = defenseOf("clipped G", clip);

  const dropped = dropout(restore, 0.4);

  const hard: TargetModel<ToyOutput> = {
    ...target,
    name: "softmax",
    forward(images) {
      const { logits, features } = target.forward(images);
      return { logits: tf.softmax(tf.div(logits, TEMPERATURE)) as tf.Tensor2D, features };
    },
  };
  return [
    {
      title: "quantisation",
      defense: quantised,
      alarms: ["gradient-zero"],
      victim: by(quantised, restore),
    },
    {
      title: "softmax with temperature",
      target: hard,
      alarms: ["logits-are-probabilities"],
      victim: () =>
        substituteVictim(exactVictim({ task, target: hard }), exactVictim({ task, target })),
    },
    {
      title: "gradient killer",
      defense: killer,
      alarms: ["gradient-zero"],
      victim: by(killer, restore),
    },
    { title: "JPEG alone", defense: jpeg, alarms: ["gradient-free-part"], victim: by(jpeg, blur) },
    {
      title: "random resize",
      defense: resized,
      alarms: ["prediction-unstable"],
      victim: () => expectationVictim(exactVictim({ task, target, defense: resized }), DRAWS),
    },
    {
      title: "noise detector",
      defense: detector,
      alarms: ["gradient-free-part"],
      victim: by(detector, restore),
    },
    {
      title: "clipped G",
      defense: clipped,
      alarms: ["outputs-saturated"],
      victim: by(clipped, restore),
    },
    {
      title: "dropout",
      defense: dropped,
      alarms: ["prediction-unstable"],
      victim: () => expectationVictim(exactVictim({ task, target, defense: dropped }), DRAWS),
    },
  ];
}

/** Paints pixels grey at random behind a G, at test time too. */
function dropout(restore: (images: Images) => Images, share: number): Defense {
  const draw = (shape: Images["shape"], random: Random) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const kept = Array.from(random.uniforms(size, 0, 1), (value) => Number(value >= share));
    return { kept: tf.tensor4d(kept, shape) };
  };
  const apply = (images: Images, { kept }: tf.TensorContainerObject) =>
    tf.add(tf.mul(tf.sub(restore(images), 0.5), kept as tf.Tensor), 0.5) as Images;
  return {
    name: "dropout",
    variables: [],
    gradient: { exact: true, draw, apply },
    restore: (images, random) =>
      Promise.resolve(tf.tidy(() => apply(images, draw(images.shape, random)))),
  };
}
