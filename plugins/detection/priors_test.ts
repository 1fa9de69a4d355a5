import { assertClose } from "@realign/core/testing";
import assert from "node:assert/strict";
import { listPriors, torchvisionLayout, vocLayout } from "./priors.ts";

const cells = [38, 19, 10, 5, 3, 1];

Deno.test("torchvisionLayout has 8,732 priors at 300, those of ssd300_vgg16", () => {
  const priors = listPriors(torchvisionLayout(cells));
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

Deno.test("torchvisionLayout tiles smaller pictures without gaps", () => {
  const priors = listPriors(torchvisionLayout([8, 4, 2, 1]));
  assert.equal(priors.length / 4, 8 * 8 * 4 + 4 * 4 * 6 + 2 * 2 * 4 + 4);
  assertClose(priors.subarray(0, 4), [1 / 16, 1 / 16, 0.07, 0.07]);
});
