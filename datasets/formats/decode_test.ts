import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { decodePicture, encodeJpeg, encodePng, jpegRoundTrip, resizePicture } from "./decode.ts";
import { assertRejects, plain, withFolder } from "../testing.ts";

/** 4x4: the left half red, the right half blue. */
const halves = {
  height: 4,
  width: 4,
  pixels: Uint8Array.from({ length: 48 }, (_, at) => {
    const right = Math.floor(at / 3) % 4 >= 2;
    return at % 3 === (right ? 2 : 0) ? 255 : 0;
  }),
};

function raw(bytes: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4, height = 2, width = 2) {
  return sharp(bytes, { raw: { height, width, channels } });
}

Deno.test("decodePicture gives back what encodePng was given", async () => {
  const pixels = Uint8Array.from({ length: 5 * 7 * 3 }, (_, at) => (at * 37) % 256);
  const picture = { height: 5, width: 7, pixels };
  assert.deepEqual(await decodePicture(await encodePng(picture)), picture);
});

Deno.test("decodePicture expands grey, drops alpha and takes 16 bits down to 8", async () => {
  const grey = await raw(Uint8Array.of(0, 100, 200, 255), 1).toColourspace("b-w").png().toBuffer();
  assert.equal((await sharp(grey).metadata()).channels, 1);
  assert.deepEqual(
    [...(await decodePicture(grey)).pixels],
    [0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255],
  );
  const alpha = await raw(Uint8Array.of(9, 8, 7, 255, 9, 8, 7, 255), 4, 1, 2).png().toBuffer();
  assert.deepEqual([...(await decodePicture(alpha)).pixels], [9, 8, 7, 9, 8, 7]);
  const greyAlpha = await raw(Uint8Array.of(50, 255, 60, 255), 2, 1, 2).toColourspace("b-w").png()
    .toBuffer();
  assert.deepEqual([...(await decodePicture(greyAlpha)).pixels], [50, 50, 50, 60, 60, 60]);
  const deep = await raw(Uint16Array.of(0, 257 * 100, 65535), 3, 1, 1).toColourspace("rgb16").png()
    .toBuffer();
  assert.equal((await sharp(deep).metadata()).depth, "ushort");
  const [red, green, blue] = (await decodePicture(deep)).pixels;
  assert.deepEqual([red, green, blue], [0, 100, 255]);
});

Deno.test("decodePicture turns a picture as its EXIF data says", async () => {
  const bytes = await sharp(await encodePng(halves)).withMetadata({ orientation: 6 })
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
  const { pixels } = await decodePicture(bytes);
  const at = (
    row: number,
    column: number,
  ) => [...pixels.subarray(3 * (4 * row + column)).slice(0, 3)];
  // A quarter to the right: what was left is above.
  assert.ok(at(0, 3)[0] > 200 && at(0, 0)[0] > 200, "the upper half is red");
  assert.ok(at(3, 0)[2] > 200 && at(3, 3)[2] > 200, "the lower half is blue");
});

Deno.test("decodePicture covers the wanted size and cuts around the centre", async () => {
  const wide = {
    height: 2,
    width: 8,
    pixels: Uint8Array.from({ length: 48 }, (_, at) => {
      const column = Math.floor(at / 3) % 8;
      return column >= 3 && column < 5 ? 250 : 0;
    }),
  };
  const cut = await decodePicture(await encodePng(wide), { size: [2, 2] });
  assert.deepEqual(cut, plain(2, 2, [250, 250, 250]));
  const larger = await decodePicture(await encodePng(plain(3, 5, [1, 2, 3])), { size: [6, 8] });
  assert.deepEqual(larger, plain(6, 8, [1, 2, 3]));
});

/** A row of grey pixels, as often as wanted. */
const rows = (height: number, ...values: number[]) => ({
  height,
  width: values.length,
  pixels: Uint8Array.from(
    Array(height).fill(values).flat().flatMap((value) => Array(3).fill(value)),
  ),
});

Deno.test("what is enlarged has the middles of its pixels where label maps have them", async () => {
  const values = [0, 250, 0, 100, 50, 200];
  // Half-pixel bilinear by hand.
  const larger = [0, 63, 188, 188, 63, 25, 75, 88, 63, 88, 163, 200];
  const whole = { left: 0, top: 0, width: 6, height: 4 };
  const stretch = async (row: number[]) =>
    await decodePicture(await encodePng(rows(4, ...row)), { size: [4, 12], region: whole });
  assert.deepEqual(await stretch(values), rows(4, ...larger));
  const mirrored = await stretch(values.toReversed());
  assert.deepEqual(mirrored, rows(4, ...larger.toReversed()), "commutes with a flip");
  // Rows shrink from 4 to 2, columns grow.
  const both = await decodePicture(await encodePng(rows(4, ...values)), {
    size: [2, 12],
    region: whole,
  });
  assert.deepEqual(both, rows(2, ...larger));
  // Covered and cut: twice as large, from the second pixel of six to the fifth.
  const cut = await resizePicture(rows(4, ...values), [8, 8]);
  assert.deepEqual(cut, rows(8, ...larger.slice(2, 10)));
});

Deno.test("alpha is dropped before a picture is resized: what cannot be seen keeps its colour", async () => {
  const pixels = Uint8Array.from({ length: 8 * 8 * 4 }, (_, at) => [200, 100, 50, 1][at % 4]);
  const png = await sharp(pixels, { raw: { height: 8, width: 8, channels: 4 } }).png().toBuffer();
  const region = { left: 0, top: 0, width: 8, height: 8 };
  for (const side of [4, 8, 16]) {
    for (const options of [{}, { region }]) {
      const decoded = await decodePicture(png, { size: [side, side], ...options });
      assert.deepEqual(decoded, plain(side, side, [200, 100, 50]));
    }
  }
});

Deno.test("decodePicture names a file that is missing, cut off, of no format or far too large", async () => {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * 7919) % 251);
  const picture = { height: 64, width: 64, pixels: noise };
  const [png, jpeg] = [await encodePng(picture), await encodeJpeg(picture, 90)];
  const huge = await sharp({
    create: { width: 12000, height: 9000, channels: 3, background: "black" },
  }).png({ compressionLevel: 1 }).toBuffer();
  const files = {
    "cut.png": png.subarray(0, png.length / 2),
    "cut.jpg": jpeg.subarray(0, jpeg.length / 2),
    "text.png": "not a picture\nat all",
    "empty.png": "",
    "huge.png": huge,
  };
  await withFolder(files, async (root) => {
    for (const name of Object.keys(files)) {
      await assertRejects(decodePicture(join(root, name)), new RegExp(`Cannot decode .*${name}: `));
    }
    await assertRejects(decodePicture(join(root, "no.png")), /no\.png: there is no such file$/);
    await assertRejects(decodePicture(join(root, "huge.png")), /more than 100000000 pixels$/);
    await assertRejects(decodePicture(new Uint8Array(9), { name: "upload" }), /decode upload: /);
  });
});

Deno.test("resizePicture averages when it makes a picture smaller", async () => {
  const { pixels } = await resizePicture(halves, [1, 1]);
  assert.ok(Math.abs(pixels[0] - 127) <= 3 && pixels[1] === 0 && Math.abs(pixels[2] - 127) <= 3);
});

Deno.test("jpegRoundTrip loses more the lower the quality, and keeps the size", async () => {
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, at) => (at * at * 31) % 256);
  const picture = { height: 32, width: 32, pixels };
  const loss = async (quality: number) => {
    const back = await jpegRoundTrip(picture, quality);
    assert.deepEqual([back.height, back.width], [32, 32]);
    return back.pixels.reduce((sum, value, at) => sum + Math.abs(value - pixels[at]), 0);
  };
  const [low, high] = [await loss(20), await loss(95)];
  assert.ok(low > high && high > 0, `${low} at 20, ${high} at 95`);
  await assert.rejects(encodeJpeg(picture, 0), /quality/);
});
