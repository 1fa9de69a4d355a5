import { assertClose } from "@realign/core/testing";
import assert from "node:assert/strict";
import { listPriors, torchvisionLayout } from "../priors.ts";
import { type AnchorSettings, createAnchors } from "./anchors.ts";

const fail = (reason: string): never => {
  throw new RangeError(reason);
};
const create = (settings: AnchorSettings, maps = 1) => createAnchors(settings, maps, fail)!;
/** Centre form in pixels. */
const inPixels = (priors: Float32Array, [height, width]: readonly [number, number]) =>
  Array.from(priors, (share, index) => share * (index % 2 === 0 ? width : height));

Deno.test("createAnchors() of a built-in architecture has its priors", () => {
  const anchors = create({ anchors: "ssd300-vgg16" });
  assert.deepEqual(anchors.list([300, 300], []).priors, listPriors(torchvisionLayout()));
  assert.deepEqual([anchors.isFixed, anchors.perCell(0), anchors.perCell(1)], [true, 4, 6]);
  assert.equal(create({ anchors: "rfb300-vgg16" }).list([300, 300], []).priors.length, 4 * 11_620);
});

Deno.test("createAnchors() of torchvision's SSDlite has 3,234 of them, the last over the whole image", () => {
  const { priors, strides } = create({ anchors: "ssdlite320-mobilenet-v3-large" }).list(
    [320, 320],
    [],
  );
  assert.deepEqual([priors.length, strides.length], [4 * 3234, 4 * 3234]);
  assertClose(priors.subarray(0, 4), [0.025, 0.025, 0.2, 0.2]);
  assertClose(priors.subarray(4, 8), [0.025, 0.025, Math.sqrt(0.2 * 0.35), Math.sqrt(0.2 * 0.35)]);
  assertClose(priors.subarray(-24, -20), [0.5, 0.5, 0.95, 0.95]);
});

Deno.test("createAnchors() of RetinaNet begins at the image's corner, in whole pixels", () => {
  const anchors = create({ anchors: "retinanet-resnet50-fpn" }, 1);
  const { priors } = anchors.list([128, 256], []);
  assert.equal(priors.length / 4, 9 * (16 * 32 + 8 * 16 + 4 * 8 + 2 * 4 + 1 * 2));
  const pixels = inPixels(priors, [128, 256]);
  // Heights over widths of 1/2 first: 32 gives 45.25 x 22.63, 40 gives 56.57 x 28.28, 50 gives 70.71 x 35.36.
  assertClose(pixels.slice(0, 12), [0, 0, 46, 22, 0, 0, 56, 28, 0, 0, 70, 36]);
  assertClose(pixels.slice(12, 16), [0, 0, 32, 32]);
  assertClose(pixels.slice(36, 40), [8, 0, 46, 22]);
  const wide = create({ anchors: "retinanet-resnet50-fpn", anchorRatios: "1" });
  assert.equal(wide.perCell(4), 3);
});

Deno.test("createAnchors() of settings lists map by map, row by row, cell by cell", () => {
  const anchors = create({
    anchorSizes: "10x13,16/20,8x4",
    anchorStrides: "8,16",
    anchorRatios: "1,4",
  });
  const size = [16, 32] as const;
  const { priors, strides } = anchors.list(size, []);
  const [pixels, steps] = [priors, strides].map((list) => inPixels(list, size));
  assert.equal(priors.length / 4, 4 * (2 * 4 + 1 * 2));
  assertClose(pixels.slice(0, 16), [4, 4, 10, 13, 4, 4, 16, 16, 4, 4, 5, 26, 4, 4, 8, 32]);
  assertClose(pixels.slice(16, 20), [12, 4, 10, 13]);
  assertClose(pixels.slice(64, 68), [4, 12, 10, 13]);
  assertClose(pixels.slice(128, 136), [8, 8, 20, 20, 8, 8, 8, 4]);
  assertClose([steps[0], steps[128]], [8, 16]);
});

Deno.test("createAnchors() takes cells from maps, and four strides for a side", () => {
  const { priors } = create({ anchorOffset: 0.5 }).list([12, 12], [[3, 3]]);
  assertClose(inPixels(priors, [12, 12]).slice(0, 8), [2, 2, 16, 16, 6, 2, 16, 16]);
  assert.throws(() => create({ anchorOffset: 0.5 }).list([12, 12], []), /set anchorStrides/);
});

Deno.test("createAnchors() says what it does not know", () => {
  assert.equal(createAnchors({}, 1, fail), undefined);
  assert.throws(() => create({ anchors: "yolo" }), /no detector has anchors named "yolo"/);
  assert.throws(() => create({ anchorSizes: "ten" }), /lists of numbers above 0/);
  assert.throws(() => create({ anchorSizes: "1/2", anchorStrides: "8,16,32" }), /2 lists for 3/);
});
