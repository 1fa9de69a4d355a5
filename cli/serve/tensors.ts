/**
 * Raw tensors of requests: float32, little-endian, `[H, W, 3]` or `[B, H, W, 3]`.
 *
 * @module
 */
import { HttpError } from "./answers.ts";
import type { HostImage } from "./image.ts";
import { assertPixels, type Limits } from "./limits.ts";

/** The type of raw tensors. */
export const TENSOR = "application/octet-stream";

/** The header that tells a tensor's shape, as "8,32,32,3"; the query `shape` goes before it. */
export const SHAPE_HEADER = "tensor-shape";

/** Bytes of a number. */
const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/**
 * Takes a tensor apart into images.
 *
 * @param bytes The numbers
 * @param told The shape, as it was told
 * @param limits The most pixels
 * @returns One or more images of one size
 * @throws {HttpError} 400 for a shape that is none, 413 for too many pixels, 422 for other bytes than the shape
 * has, and for numbers outside of `[0, 1]`, NaN among them
 */
export function parseTensor(bytes: Uint8Array, told: string | null, limits: Limits): HostImage[] {
  const shape = (told ?? "").split(",").map((text) =>
    /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : 0
  );
  const [channels, width, height, count = 1] = shape.toReversed();
  const fits = (shape.length === 3 || shape.length === 4) && channels === 3 &&
    shape.every((side) => side > 0);
  if (!fits) {
    throw new HttpError(
      400,
      `Cannot read a tensor as its shape must be H,W,3 or B,H,W,3, in the query "shape" or the header "${SHAPE_HEADER}"`,
    );
  }
  assertPixels(count, [height, width], limits);
  const size = height * width * 3;
  if (bytes.length !== count * size * FLOAT) {
    throw new HttpError(
      422,
      `Cannot read a tensor of ${shape} as it must have ${
        count * size * FLOAT
      } bytes: current length is ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Float32Array(count * size);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] = view.getFloat32(index * FLOAT, true);
    if (value >= 0 && value <= 1) continue;
    throw new HttpError(
      422,
      `Cannot read a tensor as its numbers must be in [0, 1]: number ${index} is ${value}`,
    );
  }
  return Array.from({ length: count }, (_, row) => ({
    height,
    width,
    values: values.subarray(row * size, (row + 1) * size),
  }));
}

/**
 * Puts images of one size together.
 *
 * @param images At least one, of numbers
 * @param batched Whether the shape has a B
 * @returns The numbers, and their shape
 */
export function formatTensor(
  images: readonly HostImage[],
  batched: boolean,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly shape: string } {
  const [{ height, width }] = images;
  const size = height * width * 3;
  const bytes = new Uint8Array(images.length * size * FLOAT);
  const view = new DataView(bytes.buffer);
  images.forEach(({ values }, row) => {
    values.forEach((value, index) => view.setFloat32((row * size + index) * FLOAT, value, true));
  });
  return { bytes, shape: [...batched ? [images.length] : [], height, width, 3].join() };
}
