import assert from "node:assert/strict";
import sharp from "sharp";
import { encodePng } from "./decode.ts";
import { readPngIndices } from "./png_indices.ts";
import { assertRejects, palettePng, plain } from "../testing.ts";

/** Numbers with flat places and edges, so that a compressor uses every filter. */
function pattern(height: number, width: number): Uint8Array {
  return Uint8Array.from({ length: height * width }, (_, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    return (y < height / 2 ? 3 * x + y * y : (x * y >> 3) + (x > width / 2 ? 90 : 0)) & 255;
  });
}

for (const progressive of [false, true]) {
  for (const [height, width] of [[1, 1], [3, 2], [37, 41]]) {
    Deno.test(
      `readPngIndices gives back ${height}x${width} grey levels that sharp wrote${
        progressive ? " in Adam7's passes" : ""
      }`,
      async () => {
        const values = pattern(height, width);
        const bytes = await sharp(values, { raw: { height, width, channels: 1 } })
          .toColourspace("b-w").png({ progressive, adaptiveFiltering: true }).toBuffer();
        assert.deepEqual(await readPngIndices(new Uint8Array(bytes), "a.png"), {
          height,
          width,
          values,
        });
      },
    );
  }
}

for (const bitdepth of [1, 2, 4, 8] as const) {
  Deno.test(`readPngIndices puts indices of ${bitdepth} bits in Adam7's passes back in their places`, async () => {
    const [height, width, count] = [13, 11, 2 ** bitdepth];
    const shade = (at: number) => (at * 7 + Math.floor(at / width)) % Math.min(count, 16) * 16;
    const pixels = Uint8Array.from({ length: height * width }, (_, at) => shade(at));
    const rgb = Uint8Array.from(
      { length: 3 * pixels.length },
      (_, at) => pixels[Math.floor(at / 3)],
    );
    const bytesOf = async (progressive: boolean) =>
      new Uint8Array(
        await sharp(rgb, { raw: { height, width, channels: 3 } })
          .png({ palette: true, colours: count, dither: 0, progressive }).toBuffer(),
      );
    const [plainFile, passes] = [await bytesOf(false), await bytesOf(true)];
    assert.deepEqual([plainFile[24], plainFile[25], plainFile[28]], [bitdepth, 3, 0]);
    assert.deepEqual([passes[24], passes[25], passes[28]], [bitdepth, 3, 1]);
    assert.deepEqual(
      await readPngIndices(passes, "a.png"),
      await readPngIndices(plainFile, "a.png"),
    );
  });
}

Deno.test("readPngIndices undoes each of the five filters", async () => {
  const [height, width] = [64, 96];
  const random = Uint8Array.from({ length: height * width }, (_, at) => (at * 7919) % 251);
  for (const values of [pattern(height, width), random, new Uint8Array(height * width).fill(9)]) {
    const bytes = await sharp(values, { raw: { height, width, channels: 1 } })
      .toColourspace("b-w").png({ adaptiveFiltering: true }).toBuffer();
    assert.deepEqual((await readPngIndices(new Uint8Array(bytes), "a.png")).values, values);
  }
});

for (const depth of [1, 2, 4, 8] as const) {
  Deno.test(`readPngIndices takes palette indices of ${depth} bits as they are, grey levels scaled`, async () => {
    const last = 2 ** depth - 1;
    const rows = [[0, last, 1, 0, last], [1, 1, last, 0, 0]];
    const indices = await readPngIndices(palettePng(rows, depth), "a.png");
    assert.deepEqual(indices, { height: 2, width: 5, values: Uint8Array.from(rows.flat()) });
    const grey = await readPngIndices(palettePng(rows, depth, 0), "a.png");
    assert.deepEqual([...grey.values], rows.flat().map((value) => value * 255 / last));
  });
}

Deno.test("readPngIndices refuses colours, 16 bits, other files and damaged ones, in one line", async () => {
  const colours = await encodePng(plain(4, 4, [1, 2, 3]));
  await assertRejects(
    readPngIndices(colours, "a.png"),
    /^Cannot read a\.png as a label map: it must be a PNG of class indices.*: it has RGB colours$/,
  );
  const deep = await sharp(new Uint16Array(16), { raw: { height: 4, width: 4, channels: 1 } })
    .toColourspace("grey16").png().toBuffer();
  await assertRejects(readPngIndices(new Uint8Array(deep), "a.png"), /it has 16 bits a pixel/);
  await assertRejects(readPngIndices(new Uint8Array(30), "a.png"), /it is not a PNG/);
  const good = palettePng([[1, 2, 3], [4, 5, 6]]);
  for (const length of [8, 20, good.length - 20]) {
    await assertRejects(readPngIndices(good.slice(0, length), "a.png"), /damaged or truncated/);
  }
  const changed = good.slice();
  changed.fill(7, good.length - 30, good.length - 20);
  await assertRejects(readPngIndices(changed, "a.png"), /it is damaged/);
});

Deno.test("readPngIndices stops at pixels beyond those that the header names", async () => {
  const bomb = palettePng(Array.from({ length: 2000 }, () => new Array<number>(2000).fill(0)));
  new DataView(bomb.buffer).setUint32(16, 3);
  await assertRejects(readPngIndices(bomb, "a.png"), /Cannot read a\.png as a label map: it /);
});
