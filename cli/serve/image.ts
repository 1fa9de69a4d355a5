/**
 * The images of requests: what waits in the queue.
 *
 * @module
 */
import type { Images, Picture } from "@realign/core";
import * as tf from "@realign/core/tf";

/** An image outside of the device. */
export interface HostImage {
  readonly height: number;
  readonly width: number;
  /** `[H, W, 3]`: bytes of a picture, or numbers in `[0, 1]`. */
  readonly values: Uint8Array | Float32Array;
}

/** A picture as an image. */
export function fromPicture({ height, width, pixels }: Picture): HostImage {
  return { height, width, values: pixels };
}

/** An image as a picture, rounded to 8 bits. */
export function toPicture({ height, width, values }: HostImage): Picture {
  const pixels = values instanceof Uint8Array
    ? values
    : new Uint8Array(Uint8ClampedArray.from(values, (value) => value * 255).buffer);
  return { height, width, pixels };
}

/**
 * Puts images of one size on the device.
 *
 * @param images At least one
 * @param count Rows of the batch; those behind the images repeat the last one
 * @returns `[count, H, W, 3]` in `[0, 1]`; the caller disposes it
 */
export function toBatch(images: readonly HostImage[], count: number): Images {
  const [{ height, width }] = images;
  const size = height * width * 3;
  const values = new Float32Array(count * size);
  for (let row = 0; row < count; row++) {
    const { values: own } = images[Math.min(row, images.length - 1)];
    if (own instanceof Float32Array) values.set(own, row * size);
    else for (let index = 0; index < size; index++) values[row * size + index] = own[index] / 255;
  }
  return tf.tensor4d(values, [count, height, width, 3]);
}

/**
 * Takes images off the device.
 *
 * @param images `[B, H, W, 3]`; borrowed
 * @param count The rows that are wanted
 */
export async function fromBatch(images: Images, count: number): Promise<HostImage[]> {
  const [, height, width] = images.shape;
  const size = height * width * 3;
  const values = await images.data<"float32">();
  return Array.from({ length: count }, (_, row) => ({
    height,
    width,
    values: values.slice(row * size, (row + 1) * size),
  }));
}
