import assert from "node:assert/strict";
import { openShapes, type ShapesAnnotation } from "./shapes.ts";
import { shapeKinds } from "./shapes_kinds.ts";

const size = 32;

Deno.test("openShapes draws the same scene for the same seed, in any order of reading", async () => {
  const [a, b] = [openShapes("train", { objects: 3 }), openShapes("train", { objects: 3 })];
  const later = await b.read(7);
  assert.deepEqual(await a.read(3), await b.read(3));
  assert.deepEqual(await a.read(7), later);
  assert.equal(a.digest, b.digest);
});

Deno.test("openShapes draws other scenes in other splits, for other seeds and at other indices", async () => {
  const scenes = await Promise.all([
    openShapes("train").read(0),
    openShapes("test").read(0),
    openShapes("train", { seed: 1 }).read(0),
    openShapes("train").read(8),
  ]);
  const distinct = new Set(scenes.map(({ picture }) => picture.pixels.join()));
  assert.equal(distinct.size, 4);
  const digests = [
    openShapes("train"),
    openShapes("test"),
    openShapes("train", { seed: 1 }),
    openShapes("train", { size: 48 }),
    openShapes("train", { objects: 2 }),
    openShapes("train", { classes: 4 }),
  ].map(({ digest }) => digest);
  assert.equal(new Set(digests).size, digests.length);
});

Deno.test("openShapes has as many scenes of each class, of which the pixels agree with the annotation", async () => {
  const dataset = openShapes("train", { count: 80 });
  const counts = new Array<number>(8).fill(0);
  for (let index = 0; index < dataset.length; index++) {
    const { picture, annotation } = await dataset.read(index);
    assert.equal(picture.pixels.length, size * size * 3);
    counts[annotation.class]++;
    assert.equal(annotation.boxes.length, 1);
    assertAgree(annotation);
    const shape = annotation.labelMap.classes.filter((label) => label > 0).length;
    assert.ok(shape > 40 && shape < 0.5 * size * size, `${shape} pixels`);
  }
  assert.deepEqual(counts, new Array(8).fill(10));
});

Deno.test("openShapes draws several shapes apart from each other, and names the largest", async () => {
  const dataset = openShapes("train", { count: 40, size: 64, objects: 4 });
  const numbers = new Set<number>();
  for (let index = 0; index < dataset.length; index++) {
    const { annotation } = await dataset.read(index);
    numbers.add(annotation.boxes.length);
    assertAgree(annotation, 64);
  }
  assert.deepEqual([...numbers].sort(), [1, 2, 3, 4]);
});

Deno.test("openShapes tells shape from background by colour, but not by much", async () => {
  const dataset = openShapes("test", { count: 64 });
  for (let index = 0; index < dataset.length; index++) {
    const { picture, annotation } = await dataset.read(index);
    const [inside, outside] = [meanColour(picture.pixels, annotation.labelMap.classes, true)]
      .concat([meanColour(picture.pixels, annotation.labelMap.classes, false)]);
    const difference = inside.reduce((sum, value, k) => sum + Math.abs(value - outside[k]), 0) / 3;
    assert.ok(difference > 20 && difference < 110, `${difference} at ${index}`);
  }
});

Deno.test("openShapes refuses options out of range", () => {
  assert.throws(
    () => openShapes("train", { classes: 9 }),
    /classes must be .* 2 to 8.* value is 9/,
  );
  assert.throws(() => openShapes("train", { size: 8 }), RangeError);
  assert.throws(() => openShapes("train", { count: 0 }), RangeError);
  assert.throws(() => openShapes("train", { objects: 1.5 }), RangeError);
  assert.throws(() => openShapes("train", { count: 3 }).read(3), /index must be from 0 to 2/);
});

Deno.test("shapeKinds fit into the unit disk, and no two cover the same points", () => {
  const covered = shapeKinds.map((kind) => {
    const points: number[] = [];
    for (let at = 0; at < 41 * 41; at++) {
      const [x, y] = [(at % 41 - 20) / 16, (Math.floor(at / 41) - 20) / 16];
      if (!kind.covers(x, y)) continue;
      points.push(at);
      const outside = Math.hypot(x, y) > 1.03;
      assert.ok(!outside, `${kind.name} covers ${x}, ${y}`);
    }
    assert.ok(points.length > 60, `${kind.name} covers ${points.length} points`);
    return points.join();
  });
  assert.equal(new Set(covered).size, shapeKinds.length);
});

function assertAgree(annotation: ShapesAnnotation, width = size): void {
  const { labelMap: { classes }, boxes } = annotation;
  const inPixels = boxes.map(({ box, class: kind, difficult }) => {
    const [x0, y0, x1, y1] = box.map((edge) => edge * width);
    assert.equal(difficult, false);
    return { x0, y0, x1, y1, class: kind };
  });
  for (const [at, label] of classes.entries()) {
    if (label === 0) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    const holds = inPixels.some((box) =>
      box.class === label - 1 && x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1
    );
    assert.ok(holds, `no box of class ${label - 1} at ${x}, ${y}`);
  }
  for (const box of inPixels) {
    assert.ok(box.x0 >= 0 && box.y0 >= 0 && box.x1 <= width && box.y1 <= width);
    assert.ok(box.x0 < box.x1 && box.y0 < box.y1);
    const edge = Array.from(
      { length: box.x1 - box.x0 },
      (_, k) => classes[box.y0 * width + box.x0 + k],
    );
    assert.ok(edge.includes(box.class + 1), "the box is larger than its shape");
  }
  assert.ok(boxes.some((box) => box.class === annotation.class));
}

function meanColour(pixels: Uint8Array, labelMap: Uint8Array, inside: boolean): number[] {
  const sums = [0, 0, 0];
  let count = 0;
  for (const [at, label] of labelMap.entries()) {
    if ((label > 0) !== inside) continue;
    count++;
    for (let channel = 0; channel < 3; channel++) sums[channel] += pixels[3 * at + channel];
  }
  return sums.map((sum) => sum / count);
}
