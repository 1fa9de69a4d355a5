/**
 * What a request may take: bytes, pixels, time, a place among those that are answered.
 *
 * @module
 */
import { HttpError } from "./answers.ts";

/** Bounds of a service. */
export interface Limits {
  /** The most bytes of a body. */
  readonly maxBytes: number;
  /** The most pixels of a request's images, and of a batch with more than one image. */
  readonly maxPixels: number;
  /** The most images of a request: as many as make a batch. */
  readonly batch: number;
  /** Seconds within which a body must have come. */
  readonly bodyTimeout: number;
  /** The most requests that are read, wait or are computed at once. */
  readonly queue: number;
}

/**
 * Reads a body within bounds: nothing behind the bound is read.
 *
 * @param request Its body, and the length that it claims
 * @param limits Bytes and seconds
 * @param received Told of every part's bytes
 * @returns All bytes, at least one
 * @throws {HttpError} 400 for an empty or broken body, 408 for a slow one, 413 for a long one
 */
export async function readBody(
  { body, headers }: Request,
  { maxBytes, bodyTimeout }: Limits,
  received: (bytes: number) => void = () => {},
): Promise<Uint8Array> {
  const tooLong = () =>
    new HttpError(413, `Cannot read the body as it has more than ${maxBytes} bytes`, CLOSE);
  if (Number(headers.get("content-length")) > maxBytes) throw tooLong();
  if (!body) throw new HttpError(400, "Cannot read an image as the body is empty");
  const reader = body.getReader();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() =>
    late.reject(
      new HttpError(408, `Cannot wait for the body longer than ${bodyTimeout} seconds`, CLOSE),
    ), 1000 * bodyTimeout);
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) break;
      length += value.length;
      received(value.length);
      if (length > maxBytes) throw tooLong();
      parts.push(value);
    }
  } catch (error) {
    // Not awaited: a client that sends nothing would be waited for.
    reader.cancel().catch(() => {});
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "Cannot read the body as it was cut off");
  } finally {
    clearTimeout(timer);
  }
  if (length === 0) throw new HttpError(400, "Cannot read an image as the body is empty");
  return joined(parts, length);
}

/** The rest of a body that was not read whole would be taken for the next request. */
const CLOSE = { connection: "close" };

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Refuses too many images, or images with too many pixels.
 *
 * @param count Images of one size
 * @param size `[height, width]` of each
 * @param limits The most images and pixels
 * @throws {HttpError} 413
 */
export function assertPixels(
  count: number,
  [height, width]: readonly [number, number],
  { batch, maxPixels }: Limits,
): void {
  if (count > batch) {
    throw new HttpError(
      413,
      `Cannot take ${count} images as a request has at most ${batch}`,
    );
  }
  if (count * height * width <= maxPixels) return;
  throw new HttpError(
    413,
    `Cannot take ${
      count === 1 ? "an image" : `${count} images`
    } of ${width}x${height} as a request has at most ${maxPixels} pixels`,
  );
}
