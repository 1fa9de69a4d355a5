/**
 * Total variation minimisation as a defense.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import { above, atLeast, between, oneOf, option, wholeFrom } from "../options.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";
import { createBregmanStep, startOf } from "./split_bregman.ts";

/** What is dropped as one: each colour of a pixel by itself, or all three. */
export type DroppedUnit = "channel" | "pixel";

/** Settings of {@linkcode tvmDefense}. */
export interface TvmSettings {
  /** Share of values that are dropped. */
  readonly drop: number;
  readonly unit: DroppedUnit;
  /** λ, the weight of total variation. */
  readonly weight: number;
  /** An image is done once a step changes it by no more, as the root of its mean square. */
  readonly tolerance: number;
  /** Most steps. */
  readonly steps: number;
}

/**
 * Drops random values of an image and takes the image of least total variation near the others (Guo et al. 2017):
 * min ½ Σ w (u - x)^2 + λ TV(u), with w = 0 where a value was dropped and else 1, for each colour by itself, by split
 * Bregman iterations (Goldstein and Osher 2009) that stop early, as the authors' do.
 *
 * Image i drops by the stream `random.fork("drop", i)`, and stops by itself: the result does not depend on its batch. The
 * slope through the iterations is not used; attacks take the identity (BPDA), and the mean over draws (EOT).
 *
 * @param settings Drop rate, weight, when to stop
 * @returns The defense; dispose it
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { tvmDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * using defense = tvmDefense({ drop: 0, unit: "channel", weight: 0.03, tolerance: 1e-6, steps: 500 });
 * // A step between two halves of two columns each loses λ / 2 on either side.
 * const step = tf.tile(tf.tensor4d([0, 0, 1, 1], [1, 1, 4, 1]), [1, 3, 1, 3]) as tf.Tensor4D;
 * const [dark, , , , , , bright] = (await defense.restore(step, createRandom(1))).dataSync();
 * assert.ok(Math.abs(dark - 0.015) < 1e-4 && Math.abs(bright - 0.985) < 1e-4);
 * ```
 */
export function tvmDefense(settings: TvmSettings): Defense & Disposable {
  const { weight, tolerance, steps } = settings;
  const step = createBregmanStep({ weight, tolerance });
  return {
    name: "tvm",
    variables: [],
    random: settings.drop > 0,
    gradient: { exact: false, apply: (images) => images },
    async restore(images, random) {
      using held = new HeldTensors();
      const keep = held.keep(drawKept(images.shape, settings, random));
      let state = startOf(images, keep);
      try {
        for (let at = 0; at < steps; at++) {
          const next = step({ images, keep, ...state });
          tf.dispose(state);
          state = next;
          if ((await state.running.data()).every((value) => value === 0)) break;
        }
        return tf.tidy(() => tf.clipByValue(state.restored, 0, 1));
      } finally {
        tf.dispose(state);
      }
    },
    [Symbol.dispose]: () => step[Symbol.dispose](),
  };
}

/** 1 for what is kept, 0 for what is dropped, drawn for each image by itself. */
function drawKept(
  shape: Images["shape"],
  { drop, unit }: TvmSettings,
  random: Random,
): Images {
  const [count, height, width, channels] = shape;
  const units = height * width * (unit === "pixel" ? 1 : channels);
  const kept = new Float32Array(count * units);
  for (let image = 0; image < count; image++) {
    const stream = random.fork("drop", image);
    for (let at = 0; at < units; at++) kept[image * units + at] = stream.next() < drop ? 0 : 1;
  }
  return tf.tidy(() => {
    const drawn = tf.tensor4d(kept, [count, height, width, units / (height * width)]);
    return (unit === "pixel" ? tf.tile(drawn, [1, 1, 1, channels]) : drawn) as Images;
  });
}

/** Drops random values and takes the image of least total variation near the others (Guo et al. 2017); attacked with the gradient of the identity (BPDA). */
export const tvm = defineDefense({
  title: "Total variation minimisation",
  role: "transformation",
  version: 1,
  options: {
    drop: option(0.5, between(0, 0.99), "share of values that are dropped"),
    unit: option(
      "channel",
      oneOf<DroppedUnit>("channel", "pixel"),
      "what is dropped as one: each colour of a pixel by itself, or all three",
    ),
    weight: option(0.03, above(0), "weight of total variation, λ"),
    tolerance: option(
      0.01,
      atLeast(0),
      "an image is done once a step changes it by no more, as the root of its mean square",
    ),
    steps: option(100, wholeFrom(1, 10_000), "most steps, of ten sweeps each"),
  },
  create: (settings) => Promise.resolve(tvmDefense(settings)),
});
