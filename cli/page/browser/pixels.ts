/**
 * Pictures as numbers, and back.
 *
 * @module
 */

/** Height and width. */
export type Size = readonly [number, number];

/** Differences are shown at most so many times as large. */
const MOST_MAGNIFIED = 50;

/**
 * Reads a picture, stretched to a size.
 *
 * @param file PNG, JPEG, WebP: what the browser reads
 * @param size Of the result
 * @returns RGB in `[0, 1]`, row by row
 * @throws {Error} If the browser cannot read it
 */
export async function readPicture(file: Blob, [height, width]: Size): Promise<Float32Array> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error("it is not a picture that the browser can read");
  });
  const context = new OffscreenCanvas(width, height).getContext("2d", {
    willReadFrequently: true,
  })!;
  // What is transparent becomes white.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Float32Array(3 * height * width);
  for (let k = 0; k < pixels.length; k++) pixels[k] = data[k + Math.floor(k / 3)] / 255;
  return pixels;
}

/** Shows RGB in `[0, 1]`. */
export function showPixels(canvas: HTMLCanvasElement, pixels: Float32Array, size: Size): void {
  const [height, width] = size;
  const data = new Uint8ClampedArray(4 * height * width).fill(255);
  for (let k = 0; k < pixels.length; k++) data[k + Math.floor(k / 3)] = Math.round(255 * pixels[k]);
  showData(canvas, data, size);
}

/** Shows 8-bit RGBA. */
export function showData(
  canvas: HTMLCanvasElement,
  data: Uint8ClampedArray<ArrayBuffer>,
  [height, width]: Size,
): void {
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
}

/** A difference of two pictures, shown. */
export interface Difference {
  /** Around middle grey. */
  readonly pixels: Float32Array;
  /** So many times as large as it is. */
  readonly magnification: number;
  /** The greatest, in 255ths. */
  readonly greatest: number;
}

/** Magnifies a difference as far as it can be shown. */
export function differenceOf(one: Float32Array, other: Float32Array): Difference {
  const greatest = one.reduce((most, value, k) => Math.max(most, Math.abs(value - other[k])), 0);
  const whole = Math.floor(Math.min(MOST_MAGNIFIED, 0.5 / greatest));
  const magnification = Math.max(1, whole);
  const pixels = one.map((value, k) => 0.5 + magnification * (value - other[k]));
  return { pixels, magnification, greatest: 255 * greatest };
}
