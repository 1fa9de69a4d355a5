/**
 * Pictures to bytes and back, by sharp.
 *
 * @module
 */
import type { Picture } from "@realign/core";
import sharp from "sharp";

/** Writes a picture as PNG. */
export async function encodePng({ width, height, pixels }: Picture): Promise<Uint8Array> {
  return await sharp(pixels, { raw: { width, height, channels: 3 } }).png().toBuffer();
}

/**
 * Reads a picture of any format that sharp knows; grey becomes RGB, an alpha channel is dropped.
 *
 * @param bytes The whole file
 * @param origin Named in errors, e.g. the file's path
 * @throws {Error} If it is no picture, or a damaged one
 */
export async function decodePicture(bytes: Uint8Array, origin: string): Promise<Picture> {
  try {
    const { data, info: { width, height } } = await sharp(bytes, { failOn: "truncated" })
      .rotate().toColourspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new Error(`Cannot read the picture ${origin}: ${reason}`, { cause: error });
  }
}

/** Compresses a picture as JPEG of a quality from 1 to 100, and decompresses it. */
export async function jpegRoundTrip(picture: Picture, quality: number): Promise<Picture> {
  const { width, height, pixels } = picture;
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality }).toBuffer();
  return await decodePicture(jpeg, "a JPEG in memory");
}
