/**
 * From picture files to pictures and back, with sharp.
 *
 * @module
 */
import type { Picture } from "@realign/core";
import sharp, { type Sharp } from "sharp";
import { enlarge } from "./enlarge.ts";
import { reasonOf } from "./reason.ts";
import { readRegularFile } from "./regular_file.ts";

/** The most pixels that a file may unpack to: 100 million, 300 MB. */
const pixelLimit = 1e8;

/**
 * The version of how pictures are read: it is raised when pixels change, and keys what is kept of them. 2: what is
 * enlarged is no longer shifted by half a pixel, and alpha is dropped before a picture is resized.
 */
export const decodingVersion = 2;

/** A part of a picture, in pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How a picture is decoded. */
export interface DecodeOptions {
  /**
   * `[height, width]`: without `region`, scaled until it covers this, then cut to it around the centre.
   * Default: as it is
   */
  readonly size?: readonly [number, number];
  /** The part that is taken and stretched to `size`. Default: see there */
  readonly region?: Region;
  /** What errors call it. Default: the path, or "the image" */
  readonly name?: string;
}

/**
 * Decodes a PNG, JPEG, WebP, GIF, TIFF or AVIF to 8-bit RGB: turned as its EXIF data says, grey
 * expanded, 16 bits and CMYK converted, alpha dropped.
 *
 * @param source A path, or a file's bytes
 * @param options The wanted size; the name for errors
 * @returns The picture
 * @throws {Error} If the file is missing, damaged, cut off, of no known format or of more than 100
 * million pixels; one line that names it
 *
 * @example Usage
 * ```ts
 * import { decodePicture, encodePng } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * assert.deepEqual(await decodePicture(await encodePng(picture)), picture);
 * ```
 */
export async function decodePicture(
  source: string | Uint8Array,
  options: DecodeOptions = {},
): Promise<Picture> {
  const name = options.name ?? (typeof source === "string" ? source : "the image");
  try {
    const bytes = typeof source === "string" ? await readRegularFile(source) : source;
    const input = sharp(bytes, { limitInputPixels: pixelLimit, failOn: "error" });
    const upright = input.autoOrient().toColourspace("srgb").removeAlpha();
    const { size, region } = options;
    if (!size) return await toPicture(region ? upright.extract(region) : upright);
    const { hasAlpha, autoOrient } = await input.metadata();
    // sharp resizes before it drops alpha, and makes transparent pixels black.
    const opaque = hasAlpha ? fromPicture(await toPicture(upright)) : upright;
    return region
      ? await resize(opaque.extract(region), region, size, "fill")
      : await resize(opaque, autoOrient, size, "cover");
  } catch (error) {
    throw new Error(`Cannot decode ${name}: ${reasonToDecode(error)}`);
  }
}

/**
 * Reads how large a picture is, upright, from the head of its file.
 *
 * @param bytes The file
 * @param name What errors call it
 * @returns `[height, width]`
 * @throws {Error} If it is damaged or of no known format; one line that names it
 *
 * @example Usage
 * ```ts
 * import { encodePng, pictureSize } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const png = await encodePng({ height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) });
 * assert.deepEqual(await pictureSize(png, "a.png"), [1, 2]);
 * ```
 */
export async function pictureSize(bytes: Uint8Array, name: string): Promise<[number, number]> {
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: pixelLimit }).metadata();
    return [autoOrient.height, autoOrient.width];
  } catch (error) {
    throw new Error(`Cannot decode ${name}: ${reasonToDecode(error)}`);
  }
}

/**
 * Scales a picture until it covers a size and cuts it to that size around the centre, much like PIL's bilinear
 * resizing: with antialiasing, and the middles of pixels in their places.
 *
 * @param picture Left as it is
 * @param size `[height, width]`
 * @returns A picture of that size
 *
 * @example Usage
 * ```ts
 * import { resizePicture } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const grey = { height: 4, width: 6, pixels: new Uint8Array(72).fill(90) };
 * assert.deepEqual(await resizePicture(grey, [2, 2]), { height: 2, width: 2, pixels: new Uint8Array(12).fill(90) });
 * ```
 */
export function resizePicture(
  picture: Picture,
  size: readonly [number, number],
): Promise<Picture> {
  return resize(fromPicture(picture), picture, size, "cover");
}

/**
 * Encodes a picture as PNG, without loss.
 *
 * @param picture Any picture
 * @returns The file's bytes
 *
 * @example Usage
 * ```ts
 * import { encodePng } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const bytes = await encodePng({ height: 1, width: 1, pixels: Uint8Array.of(1, 2, 3) });
 * assert.deepEqual([...bytes.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
 * ```
 */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  return new Uint8Array(await fromPicture(picture).png().toBuffer());
}

/**
 * Encodes a picture as baseline JPEG, colour at half resolution (4:2:0).
 *
 * @param picture Any picture
 * @param quality 1 to 100
 * @returns The file's bytes
 * @throws {Error} If the quality is out of range
 *
 * @example Usage
 * ```ts
 * import { encodeJpeg } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const bytes = await encodeJpeg({ height: 1, width: 1, pixels: Uint8Array.of(1, 2, 3) }, 75);
 * assert.deepEqual([...bytes.subarray(0, 2)], [0xff, 0xd8]);
 * ```
 */
export async function encodeJpeg(picture: Picture, quality: number): Promise<Uint8Array> {
  return new Uint8Array(await fromPicture(picture).jpeg({ quality }).toBuffer());
}

/**
 * Encodes a picture as WebP, without loss.
 *
 * @param picture Any picture of at most 16383 pixels a side
 * @returns The file's bytes
 * @throws {Error} If a side is longer
 *
 * @example Usage
 * ```ts
 * import { decodePicture, encodeWebp } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * assert.deepEqual(await decodePicture(await encodeWebp(picture)), picture);
 * ```
 */
export async function encodeWebp(picture: Picture): Promise<Uint8Array> {
  return new Uint8Array(await fromPicture(picture).webp({ lossless: true }).toBuffer());
}

/**
 * Compresses a picture as JPEG and decompresses it: the codec of the core's JPEG defense.
 *
 * @param picture Any picture
 * @param quality 1 to 100
 * @returns The picture with JPEG's losses
 * @throws {Error} If the quality is out of range
 *
 * @example Usage
 * ```ts
 * import { jpegRoundTrip } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * const grey = { height: 8, width: 8, pixels: new Uint8Array(192).fill(128) };
 * assert.deepEqual(await jpegRoundTrip(grey, 75), grey);
 * ```
 */
export async function jpegRoundTrip(picture: Picture, quality: number): Promise<Picture> {
  return await decodePicture(await encodeJpeg(picture, quality));
}

function fromPicture({ height, width, pixels }: Picture): Sharp {
  return sharp(pixels, { raw: { height, width, channels: 3 } });
}

/** Resizes an image that has the sides of `source`. What grows is interpolated here: libvips would shift it. */
async function resize(
  image: Sharp,
  source: Pick<Picture, "height" | "width">,
  [height, width]: readonly [number, number],
  fit: "cover" | "fill",
): Promise<Picture> {
  const shrunk = (height: number, width: number) =>
    toPicture(
      image.resize({
        height,
        width,
        fit,
        position: "centre",
        kernel: "linear",
        fastShrinkOnLoad: false,
      }),
    );
  if (fit === "cover") {
    const scale = Math.max(height / source.height, width / source.width);
    if (scale <= 1) return await shrunk(height, width);
    const middle = (side: number, wanted: number) => {
      const length = wanted / scale;
      return { from: (side - length) / 2, length };
    };
    const [rows, columns] = [middle(source.height, height), middle(source.width, width)];
    return enlarge(await toPicture(image), [height, width], { rows, columns });
  }
  const [least, narrowest] = [Math.min(height, source.height), Math.min(width, source.width)];
  const small = await shrunk(least, narrowest);
  return least === height && narrowest === width ? small : enlarge(small, [height, width]);
}

async function toPicture(image: Sharp): Promise<Picture> {
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { height: info.height, width: info.width, pixels };
}

/** What sharp or the file system says. */
function reasonToDecode(error: unknown): string {
  const message = error instanceof Error ? error.message : `${error}`;
  return message.includes("pixel limit")
    ? `it has more than ${pixelLimit} pixels`
    : reasonOf(error);
}
