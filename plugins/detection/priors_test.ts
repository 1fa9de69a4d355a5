import { createRandom } from "@realign/core";
import { assertClose } from "@realign/core/testing";
import assert from "node:assert/strict";
import { type Corners, overlap } from "./detection_matching.ts";
import { listPriors, smallLayout, torchvisionLayout, vocLayout } from "./priors.ts";

Deno.test("torchvisionLayout has 8,732 priors at 300, those of ssd300_vgg16", () => {
  const priors = listPriors(torchvisionLayout());
  assert.equal(priors.length, 8732 * 4);
  const between = Math.sqrt(0.07 * 0.15);
  const half = 4 / 300;
  assertClose(priors.subarray(0, 8), [half, half, 0.07, 0.07, half, half, between, between]);
  const [long, short] = [0.07 * Math.SQRT2, 0.07 / Math.SQRT2];
  assertClose(priors.subarray(8, 16), [half, half, long, short, half, half, short, long]);
  // The last map's scale is .87, the next would be 1.05; sides end at 1.
  assertClose(
    priors.subarray(-16),
    [
      [0.5, 0.5, 0.87, 0.87],
      [0.5, 0.5, Math.sqrt(0.87 * 1.05), Math.sqrt(0.87 * 1.05)],
      [0.5, 0.5, 1, 0.87 / Math.SQRT2],
      [0.5, 0.5, 0.87 / Math.SQRT2, 1],
    ].flat(),
  );
  // Ten cells of 32 pixels are wider than 300: the last centre lies outside.
  assert.equal(Math.max(...priors).toFixed(4), (9.5 * 32 / 300).toFixed(4));
});

Deno.test("vocLayout is amdegroot's with centres within the picture, and RFBNet's", () => {
  const ssd = listPriors(vocLayout([[2], [2, 3], [2, 3], [2, 3], [2], [2]]));
  assert.equal(ssd.length, 8732 * 4);
  assertClose(ssd.subarray(0, 4), [4 / 300, 4 / 300, 0.1, 0.1]);
  assert.equal(Math.max(...ssd), 1);
  const rfb = listPriors(vocLayout([[2, 3], [2, 3], [2, 3], [2, 3], [2], [2]]));
  assert.equal(rfb.length, 11620 * 4);
});

Deno.test("smallLayout begins with two cells and ends with .9 of the picture, each map with the next one's square", () => {
  const priors = listPriors(smallLayout([8, 4, 2, 1]));
  assert.equal(priors.length / 4, 8 * 8 * 5 + 4 * 4 * 7 + 2 * 2 * 5 + 5);
  const sideOf = (index: number) => priors[4 * index + 2];
  assertClose([sideOf(0)], [2 / 8]);
  assertClose([sideOf(2)], [sideOf(8 * 8 * 5)]);
  assertClose([sideOf(1) ** 2], [sideOf(0) * sideOf(2)]);
  assertClose(priors.subarray(-20, -16), [0.5, 0.5, 0.9, 0.9]);
});

for (const cells of [[8, 4, 2, 1], [16, 8, 4, 2], [24, 12, 6, 3, 1], [32, 16, 8, 4, 2]]) {
  Deno.test(`smallLayout of ${cells} has a prior for nearly every square from two cells on`, () => {
    const priors = listPriors(smallLayout(cells));
    const random = createRandom(1, "squares");
    const best = Array.from({ length: 500 }, () => {
      const smallest = 2 / cells[0];
      const side = smallest * (0.9 / smallest) ** random.next();
      const [left, top] = [(1 - side) * random.next(), (1 - side) * random.next()];
      const square: Corners = [left, top, left + side, top + side];
      let most = 0;
      for (let at = 0; at < priors.length; at += 4) {
        const [x, y, width, height] = priors.subarray(at, at + 4);
        const corners: Corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
        most = Math.max(most, overlap(corners, square));
      }
      return most;
    });
    const matched = best.filter((share) => share >= 0.5).length;
    assert.ok(matched > 0.9 * best.length, `${matched} of ${best.length}`);
  });
}
