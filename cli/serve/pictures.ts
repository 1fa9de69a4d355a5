/**
 * Pictures of requests: told apart by their first bytes, measured before they are unpacked.
 *
 * @module
 */
import type { Picture } from "@realign/core";
import { decodePicture, encodeJpeg, encodePng, encodeWebp, pictureSize } from "@realign/datasets";
import { HttpError } from "./answers.ts";
import { fromPicture, type HostImage, toPicture } from "./image.ts";
import { assertPixels, type Limits } from "./limits.ts";

/** JPEGs are written with little loss. */
const JPEG_QUALITY = 95;

/** The pictures that are taken and given, by type. */
export const PICTURES: Readonly<
  Record<string, {
    /** Whether a file begins as one. */
    readonly begins: (bytes: Uint8Array) => boolean;
    readonly encode: (picture: Picture) => Promise<Uint8Array>;
    /** The most pixels of a side that its encoder takes. Default: as many as there are */
    readonly longestSide?: number;
  }>
> = {
  "image/png": { begins: (bytes) => at(bytes, 0, "\x89PNG\r\n\x1a\n"), encode: encodePng },
  "image/jpeg": {
    begins: (bytes) => at(bytes, 0, "\xff\xd8\xff"),
    encode: (picture) => encodeJpeg(picture, JPEG_QUALITY),
    longestSide: 65_500,
  },
  "image/webp": {
    begins: (bytes) => at(bytes, 0, "RIFF") && at(bytes, 8, "WEBP"),
    encode: encodeWebp,
    longestSide: 16_383,
  },
};

function at(bytes: Uint8Array, start: number, text: string): boolean {
  return [...text].every((letter, index) => bytes[start + index] === letter.charCodeAt(0));
}

/**
 * Decodes a picture.
 *
 * @param bytes A PNG, JPEG or WebP, whatever the request calls it
 * @param limits The most pixels
 * @returns Its pixels, as `realign defend` reads them
 * @throws {HttpError} 413 for too many pixels, 415 for another format, 422 for a damaged file
 */
export async function decode(bytes: Uint8Array, limits: Limits): Promise<HostImage> {
  if (!Object.values(PICTURES).some(({ begins }) => begins(bytes))) {
    throw new HttpError(415, "Cannot read the body as it is neither a PNG, a JPEG nor a WebP");
  }
  const damaged = ({ message }: Error) => new HttpError(422, message);
  const size = await pictureSize(bytes, "the picture").catch((error) => {
    throw damaged(error);
  });
  assertPixels(1, size, limits);
  return fromPicture(
    await decodePicture(bytes, { name: "the picture" }).catch((error) => {
      throw damaged(error);
    }),
  );
}

/** Encodes an image as a picture of one of the types of {@linkcode PICTURES}. */
export function encode(image: HostImage, type: string): Promise<Uint8Array> {
  return PICTURES[type].encode(toPicture(image));
}

/**
 * Refuses an answer that could not be encoded, before it is computed.
 *
 * @param size Of the image that is answered
 * @param type One of the types of {@linkcode PICTURES}
 * @throws {HttpError} 406
 */
export function assertEncodable({ height, width }: HostImage, type: string): void {
  const { longestSide = Infinity } = PICTURES[type];
  if (Math.max(height, width) <= longestSide) return;
  throw new HttpError(
    406,
    `Cannot answer with ${type} as its sides are at most ${longestSide} pixels: the image has ${height}x${width}; accept image/png`,
  );
}
