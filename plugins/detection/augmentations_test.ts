import { type Box, createRandom, type Example } from "@realign/core";
import assert from "node:assert/strict";
import { saturate, turnHue } from "./augment_colours.ts";
import { resampleWindow } from "./augment_window.ts";
import { augmentations } from "./augmentations.ts";
import type { BoxAnnotation } from "./labels.ts";

const SIDE = 40;

/** A black picture with one box of white in it. */
function exampleOf(
  ...boxes: (readonly [number, number, number, number])[]
): Example<BoxAnnotation> {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (const [x1, y1, x2, y2] of boxes) {
    for (let y = y1 * SIDE; y < y2 * SIDE; y++) {
      for (let x = x1 * SIDE; x < x2 * SIDE; x++) {
        pixels.fill(255, 3 * (y * SIDE + x), 3 * (y * SIDE + x) + 3);
      }
    }
  }
  const annotation = {
    boxes: boxes.map((box, index): Box => ({ box, class: index, difficult: index > 0 })),
  };
  return { id: "x", picture: { height: SIDE, width: SIDE, pixels }, annotation };
}

/** The box around what is white. */
function seenBox({ pixels }: { pixels: Uint8Array }): number[] {
  const seen = [SIDE, SIDE, 0, 0];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      if (Math.min(...pixels.subarray(3 * (y * SIDE + x), 3 * (y * SIDE + x) + 3)) < 200) continue;
      seen[0] = Math.min(seen[0], x);
      seen[1] = Math.min(seen[1], y);
      seen[2] = Math.max(seen[2], x + 1);
      seen[3] = Math.max(seen[3], y + 1);
    }
  }
  return seen.map((side) => side / SIDE);
}

for (const name of ["none", "flip", "zoom"]) {
  Deno.test(`"${name}" moves boxes with what is in them, and keeps the picture's size`, () => {
    for (let seed = 0; seed < 60; seed++) {
      const example = exampleOf([0.25, 0.5, 0.75, 0.875]);
      const { id, picture, annotation } = augmentations[name](example, createRandom(seed));
      assert.deepEqual([id, picture.height, picture.width], ["x", SIDE, SIDE]);
      assert.equal(annotation.boxes.length, 1, "the box was lost");
      const seen = seenBox(picture);
      annotation.boxes[0].box.forEach((side, axis) => {
        assert.ok(
          Math.abs(side - seen[axis]) <= 1.5 / SIDE,
          `seed ${seed}: ${annotation.boxes[0].box} ${seen}`,
        );
      });
    }
  });
}

Deno.test('"zoom" shows things smaller and larger, drops boxes whose middle is out of sight, keeps the rest of a box', () => {
  const widths: number[] = [];
  let lost = 0;
  for (let seed = 0; seed < 100; seed++) {
    const example = exampleOf([0.05, 0.05, 0.45, 0.45], [0.55, 0.55, 0.9, 0.95]);
    const { boxes } = augmentations.zoom(example, createRandom(seed)).annotation;
    lost += 2 - boxes.length;
    for (const { box: [x1, y1, x2, y2], class: index, difficult } of boxes) {
      assert.ok(0 <= x1 && x1 < x2 && x2 <= 1 && 0 <= y1 && y1 < y2 && y2 <= 1);
      assert.equal(difficult, index > 0);
      widths.push(x2 - x1);
    }
  }
  assert.ok(Math.min(...widths) < 0.2 && Math.max(...widths) > 0.7);
  assert.ok(lost > 10 && lost < 150, `${lost} were lost`);
});

Deno.test('"zoom" does without boxes', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { annotation } = augmentations.zoom(exampleOf(), createRandom(seed));
    assert.deepEqual(annotation.boxes, []);
  }
});

Deno.test("the same random stream changes two pictures alike", () => {
  for (let seed = 0; seed < 10; seed++) {
    const [one, other] = [0, 0].map(() =>
      augmentations.ssd(exampleOf([0.25, 0.5, 0.75, 0.875]), createRandom(seed))
    );
    assert.deepEqual(one, other);
  }
});

Deno.test("resampleWindow of the whole is the picture, of a quarter its enlargement, of more its reduction", () => {
  const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, (_, index) => Math.floor(index / 3) * 10);
  const picture = { height: 4, width: 4, pixels };
  const red = (window: Parameters<typeof resampleWindow>[1]) =>
    Array.from({ length: 16 }, (_, index) => resampleWindow(picture, window).pixels[3 * index]);
  assert.deepEqual(resampleWindow(picture, { left: 0, top: 0, width: 1, height: 1 }), picture);
  // Columns 0 and 1 stand at 0 and 10 of their rows: seen at -.25, .25, .75 and 1.25.
  assert.deepEqual(red({ left: 0, top: 0, width: 0.5, height: 1 }).slice(0, 4), [0, 3, 8, 13]);
  const wide = red({ left: -0.5, top: -0.5, width: 2, height: 2 });
  assert.deepEqual([wide[0], wide[3], wide[5]], [123, 123, 25]);
});

Deno.test("saturate and turnHue are HSV's", () => {
  const changed = (change: (pixel: number[]) => void, ...pixel: number[]) => {
    change(pixel);
    return pixel.map((value) => Math.round(value));
  };
  assert.deepEqual(changed(saturate(0.5), 200, 100, 0), [200, 150, 100]);
  assert.deepEqual(changed(saturate(1.5), 200, 150, 100), [200, 125, 50]);
  assert.deepEqual(changed(saturate(9), 200, 150, 100), [200, 100, 0]);
  assert.deepEqual(changed(saturate(9), 70, 70, 70), [70, 70, 70]);
  assert.deepEqual(changed(turnHue(2), 200, 100, 0), [0, 200, 100]);
  assert.deepEqual(changed(turnHue(-2), 0, 200, 100), [200, 100, 0]);
  assert.deepEqual(changed(turnHue(0.5), 200, 0, 0), [200, 100, 0]);
  assert.deepEqual(changed(turnHue(0), 13, 77, 200), [13, 77, 200]);
});
