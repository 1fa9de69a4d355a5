import assert from "node:assert/strict";
import { createEvaluationBatches } from "../batches/mod.ts";
import type { Images } from "../dataset.ts";
import { type Defense, identityDefense } from "../defenses/mod.ts";
import { assertNoLeak } from "../testing/mod.ts";
import {
  cleanOf,
  darker,
  dataset,
  obliviousOf,
  partsOf,
  systemOf,
  target,
  task,
} from "../testing/toy_columns.ts";
import * as tf from "../tf.ts";
import { evaluateColumn } from "./evaluate.ts";
import { createReconstructionError } from "./reconstruction_error.ts";

/** Every third value of these is 0: images of three pixels with a channel each. */
const images = (...values: number[]) =>
  tf.tensor4d(values.flatMap((value) => [value, value, 0]), [values.length, 1, 3, 1]);

/** The errors of the clean column's rows. */
async function errorsOf(...defenses: Defense[]): Promise<(number | undefined)[]> {
  const rows = await evaluateColumn(partsOf(), cleanOf(...defenses));
  return rows.map(({ reconstructionError }) => reconstructionError);
}

/** The root mean squared change of the toy's images, one at a time. */
async function reckonError(change: (pixel: number) => number): Promise<number> {
  const squares: number[] = [];
  for await (const batch of createEvaluationBatches(dataset, task, { batchSize: 1 })) {
    squares.push(...Array.from(batch.images.dataSync(), (pixel) => (change(pixel) - pixel) ** 2));
    tf.dispose([batch.images, batch.labels]);
  }
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

Deno.test("createReconstructionError() is the root of the mean over all images, without padding", async () => {
  const error = createReconstructionError();
  assert.equal(error.result(), undefined);
  await error.add(images(0, 0, 0), images(0.3, 0.6, 100), 2);
  await error.add(images(0.5), images(0.2), 1);
  // Two of three pixels of each image change.
  assert.equal(
    error.result(),
    Number(Math.sqrt((2 / 3) * (0.09 + 0.36 + 0.09) / 3).toPrecision(6)),
  );
  await error.add(images(0), images(NaN), 1);
  assert.equal(error.result(), undefined, "a file keeps no NaN");
});

Deno.test("createReconstructionError() leaves no tensor behind", async () => {
  const [clean, restored] = [images(0, 1), images(1, 1)];
  await assertNoLeak(() => createReconstructionError().add(clean, restored, 2));
});

Deno.test("evaluateColumn() measures how far each defense moves clean images", async () => {
  const [alone, same, squared] = await errorsOf(identityDefense, darker);
  assert.deepEqual([alone, same], [undefined, 0]);
  const expected = await reckonError((pixel) => pixel ** 2);
  assert.ok(expected > 0.05 && Math.abs(squared! - expected) < 1e-5, `${squared}, ${expected}`);
});

Deno.test("evaluateColumn() takes the reconstruction error of clean images alone", async () => {
  const rows = await evaluateColumn(partsOf(), obliviousOf(darker));
  assert.ok(rows.every(({ reconstructionError }) => reconstructionError === undefined));
});

Deno.test("evaluateColumn() takes the reconstruction error over all passes of a random defense", async () => {
  let passes = 0;
  // A black image in every second pass, the image itself in the others.
  const restore = (given: Images) =>
    Promise.resolve(passes++ % 2 ? tf.zerosLike(given) : tf.clone(given));
  const coin = { name: "coin", variables: [], random: true, restore };
  const expected = (await reckonError(() => 0)) / Math.SQRT2;
  const [, found] = await errorsOf(coin);
  assert.ok(Math.abs(found! - expected) < 1e-5, `${found}, ${expected}`);
  assert.equal(passes, 30, "ten passes of three batches");
});

Deno.test("evaluateColumn() has no reconstruction error of images of another size, and of none that are numbers", async () => {
  const broken = {
    ...darker,
    restore: (given: Images) => Promise.resolve(tf.mul<Images>(given, NaN)),
  };
  const larger: Defense = {
    ...darker,
    changesSize: true,
    restore: (given) => Promise.resolve(tf.image.resizeBilinear(given, [16, 16])),
  };
  const unresized = (given: Images) => target.forward(tf.image.resizeBilinear(given, [8, 8]));
  const free = { ...systemOf(larger), target: { ...target, unresized } };
  const column = { ...cleanOf(broken), systems: [...cleanOf(broken).systems, free] };
  const rows = await evaluateColumn(partsOf(), column);
  assert.deepEqual(
    rows.map(({ reconstructionError, notANumber }) => [reconstructionError, notANumber]),
    [[undefined, undefined], [undefined, 10], [undefined, undefined]],
  );
});
