import assert from "node:assert/strict";
import type { PixelTarget, StopGradient } from "../preset.ts";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { perceptualLoss, type PixelParts, reconstructionLoss } from "./pixel.ts";

await useTestBackend();

/** Tenths at random plus an offset that tells images apart: no difference is near 0, where ‖·‖ has a kink. */
function images(offset: number): tf.Tensor4D {
  const random = createRandom(4, offset);
  const values = Array.from({ length: 54 }, () => random.integer(9) / 10 + offset);
  return tf.tensor4d(values, [2, 3, 3, 3]);
}

const parts = {
  clean: images(0),
  adversarial: images(0.08),
  restoredClean: images(0.03),
  restoredAdversarial: images(0.055),
};

/** The mean absolute difference by a loop. */
function distance(first: tf.Tensor, second: tf.Tensor): number {
  const [a, b] = [first.dataSync(), second.dataSync()];
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += Math.abs(a[index] - b[index]);
  return sum / a.length;
}

const targets: readonly [PixelTarget, keyof typeof parts][] = [
  ["intermediate", "restoredClean"],
  ["adversarial", "adversarial"],
  ["clean", "clean"],
];

for (const [pixelTarget, name] of targets) {
  Deno.test(`reconstructionLoss pulls adversarial images to the target "${pixelTarget}"`, () => {
    const expected = distance(parts.restoredClean, parts.clean) +
      distance(parts.restoredAdversarial, parts[name]);
    for (const stopGradient of ["none", "perceptual", "all"] as const) {
      assertClose(
        reconstructionLoss(parts, { pixelTarget, stopGradient, pixelDistance: "absolute" }),
        [expected],
      );
    }
  });

  Deno.test(`perceptualLoss sums over features with the target "${pixelTarget}"`, () => {
    const factors = [1, 3, -2];
    const features = Object.fromEntries(
      Object.entries(parts).map(([key, value]) => [
        key,
        factors.map((factor) => tf.mul(tf.square(value), factor)),
      ]),
    ) as unknown as Required<PixelParts<tf.Tensor4D[]>>;
    let expected = 0;
    for (let tap = 0; tap < factors.length; tap++) {
      expected += distance(features.restoredClean[tap], features.clean[tap]);
      expected += distance(features.restoredAdversarial[tap], features[name][tap]);
    }
    assertClose(
      perceptualLoss(features, { pixelTarget, stopGradient: "none", pixelDistance: "absolute" }),
      [expected],
    );
  });

  Deno.test(`reconstructionLoss has the gradient of its values with the target "${pixelTarget}"`, () => {
    assertGradient(
      (restoredClean, restoredAdversarial) =>
        reconstructionLoss(
          {
            ...parts,
            restoredClean: restoredClean as tf.Tensor4D,
            restoredAdversarial: restoredAdversarial as tf.Tensor4D,
          },
          { pixelTarget, stopGradient: "none", pixelDistance: "absolute" },
        ),
      [parts.restoredClean, parts.restoredAdversarial],
    );
  });
}

Deno.test("a squared distance pulls less the nearer images are", () => {
  const squared = (first: tf.Tensor, second: tf.Tensor) =>
    tf.mean(tf.square(tf.sub(first, second))).dataSync()[0];
  const settings = {
    pixelTarget: "intermediate",
    stopGradient: "all",
    pixelDistance: "squared",
  } as const;
  const { clean, restoredClean, restoredAdversarial } = parts;
  const expected = squared(restoredClean, clean) + squared(restoredAdversarial, restoredClean);
  assertClose(reconstructionLoss(parts, settings), [expected]);
  const features = Object.fromEntries(Object.entries(parts).map(([key, value]) => [key, [value]]));
  assertClose(
    perceptualLoss(features as unknown as PixelParts<tf.Tensor4D[]>, settings),
    [expected],
  );
  const pull = (from: tf.Tensor4D) =>
    tf.grad((restored) =>
      reconstructionLoss({ ...parts, restoredAdversarial: restored as tf.Tensor4D }, settings)
    )(from);
  const half = tf.div(tf.add(restoredAdversarial, restoredClean), 2) as tf.Tensor4D;
  assertClose(tf.mul(pull(half), 2), pull(restoredAdversarial).dataSync<"float32">());
});

/** The gradient that restored clean images get from the second term alone. */
function pullOnTarget(stopGradient: StopGradient): Float32Array {
  const loss = (restoredClean: tf.Tensor) => {
    const images = { ...parts, restoredClean: restoredClean as tf.Tensor4D };
    return reconstructionLoss(images, {
      pixelTarget: "intermediate",
      stopGradient,
      pixelDistance: "absolute",
    });
  };
  const first = (restoredClean: tf.Tensor) =>
    tf.mean(tf.abs(tf.sub(restoredClean, parts.clean))) as tf.Scalar;
  const gradients = [loss, first].map((compute) => tf.grad(compute)(parts.restoredClean));
  return tf.sub(gradients[0], gradients[1]).dataSync<"float32">();
}

Deno.test("reconstructionLoss pulls the intermediate target too, unless the gradient is stopped", () => {
  assertClose(pullOnTarget("all"), new Float32Array(54));
  for (const stopGradient of ["none", "perceptual"] as const) {
    assert.ok(
      pullOnTarget(stopGradient).every((value) => Math.abs(Math.abs(value) - 1 / 54) < 1e-6),
    );
  }
});

Deno.test("perceptualLoss stops the gradient of the intermediate target, unless none is stopped", () => {
  const pull = (stopGradient: StopGradient) =>
    tf.grad((restoredClean) => {
      const features = {
        clean: [restoredClean as tf.Tensor4D],
        restoredClean: [restoredClean as tf.Tensor4D],
        restoredAdversarial: [tf.add(parts.restoredAdversarial, tf.mul(restoredClean, 0))],
      } as PixelParts<tf.Tensor4D[]>;
      return perceptualLoss(features, {
        pixelTarget: "intermediate",
        stopGradient,
        pixelDistance: "absolute",
      });
    })(parts.restoredClean).dataSync<"float32">();
  assertClose(pull("all"), new Float32Array(54));
  assertClose(pull("perceptual"), new Float32Array(54));
  assert.ok(pull("none").every((value) => Math.abs(Math.abs(value) - 1 / 54) < 1e-6));
});

/** Images of one value each: x̂^a, x̂^c and x^c. */
function constants(restoredAdversarial: number, restoredClean: number, clean: number) {
  const fill = (value: number) => tf.fill([1, 2, 2, 3], value) as tf.Tensor4D;
  return {
    clean: fill(clean),
    restoredClean: fill(restoredClean),
    restoredAdversarial: fill(restoredAdversarial),
  };
}

Deno.test("reconstructionLoss by the authors' values leaves x̂^c alone between x̂^a and x^c", () => {
  const count = 2 * 2 * 3;
  const pull = (middle: number, stopGradient: StopGradient) => {
    const images = constants(0, middle, 1);
    const settings = {
      pixelTarget: "intermediate",
      stopGradient,
      pixelDistance: "absolute",
    } as const;
    const loss = (restoredClean: tf.Tensor) =>
      tf.mul(
        100,
        reconstructionLoss({ ...images, restoredClean: restoredClean as tf.Tensor4D }, settings),
      ) as tf.Scalar;
    return { loss: loss(images.restoredClean), gradient: tf.grad(loss)(images.restoredClean) };
  };
  const every = (value: number) => new Float32Array(count).fill(value);
  const between = pull(0.5, "perceptual");
  assertClose(between.loss, [100]);
  assertClose(between.gradient, every(0));
  assertClose(pull(0.5, "all").gradient, every(-100 / count), 1e-4);
  // Beyond x^c both halves pull it back.
  assertClose(pull(1.5, "perceptual").gradient, every(200 / count), 1e-4);
});

Deno.test("perceptualLoss weights its taps", () => {
  const { clean, restoredClean, restoredAdversarial } = constants(1, 0, 0);
  const five = (map: tf.Tensor4D) => Array.from({ length: 5 }, () => map);
  const features = {
    clean: five(clean),
    restoredClean: five(restoredClean),
    restoredAdversarial: five(restoredAdversarial),
  };
  const settings = {
    pixelTarget: "intermediate",
    stopGradient: "perceptual",
    pixelDistance: "absolute",
  } as const;
  const weighted = perceptualLoss(features, settings, [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1]);
  assertClose(tf.mul(10, weighted), [14.6875]);
  assertClose(perceptualLoss(features, settings), [5]);
});

Deno.test("reconstructionLoss refuses images of other shapes", () => {
  const restoredAdversarial = tf.zeros([2, 3, 4, 3]) as tf.Tensor4D;
  assert.throws(
    () =>
      reconstructionLoss(
        { ...parts, restoredAdversarial },
        { pixelTarget: "clean", stopGradient: "none", pixelDistance: "absolute" },
      ),
    { name: "TypeError", message: /`restoredAdversarial` must be .* shape is \[2, 3, 4, 3\]/ },
  );
});

Deno.test("pixel losses refuse to aim at adversarial images that are not there", () => {
  const settings = {
    pixelTarget: "adversarial",
    stopGradient: "none",
    pixelDistance: "absolute",
  } as const;
  const missing = /`adversarial` is missing: pixelTarget is "adversarial"/;
  assert.throws(() => reconstructionLoss({ ...parts, adversarial: undefined }, settings), missing);
});

Deno.test("perceptualLoss refuses other numbers of features", () => {
  const maps = [parts.clean, parts.clean];
  assert.throws(
    () =>
      perceptualLoss(
        { clean: maps, restoredClean: maps, restoredAdversarial: maps.slice(1) },
        { pixelTarget: "clean", stopGradient: "none", pixelDistance: "absolute" },
      ),
    /must have the same number of features: current counts are 2, 2, 1/,
  );
});
