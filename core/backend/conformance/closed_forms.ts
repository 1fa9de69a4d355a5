/**
 * Operations on images as plain loops: the second opinion on values.
 *
 * @module
 */

/** Shape of a batch of images. */
type Shape4D = readonly [batch: number, height: number, width: number, channels: number];

/** A convolution's geometry, rows and columns alike; `top` and `left` count padded zeros. */
export interface LoopGeometry {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation?: number;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Convolution by definition: `[B, H, W, C]` with `[k, k, C, C']`. */
export function convolve(
  images: Float32Array,
  [batch, height, width, channels]: Shape4D,
  filter: Float32Array,
  outputs: number,
  geometry: LoopGeometry,
): Float32Array {
  const { kernel, stride, dilation = 1, top, left } = geometry;
  const result = new Float32Array(batch * geometry.height * geometry.width * outputs);
  let position = 0;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < geometry.height; y++) {
      for (let x = 0; x < geometry.width; x++) {
        for (let o = 0; o < outputs; o++, position++) {
          for (let i = 0; i < kernel; i++) {
            for (let j = 0; j < kernel; j++) {
              const [row, column] = [
                y * stride + i * dilation - top,
                x * stride + j * dilation - left,
              ];
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              for (let c = 0; c < channels; c++) {
                result[position] += images[((b * height + row) * width + column) * channels + c] *
                  filter[((i * kernel + j) * channels + c) * outputs + o];
              }
            }
          }
        }
      }
    }
  }
  return result;
}

/** The greatest, or the mean, of each window; pixels outside the images do not count. */
export function pool(
  images: Float32Array,
  [batch, height, width, channels]: Shape4D,
  kind: "max" | "mean",
  geometry: LoopGeometry,
): Float32Array {
  const { kernel, stride, top, left } = geometry;
  const result: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < geometry.height; y++) {
      for (let x = 0; x < geometry.width; x++) {
        for (let c = 0; c < channels; c++) {
          const window: number[] = [];
          for (let i = 0; i < kernel; i++) {
            for (let j = 0; j < kernel; j++) {
              const [row, column] = [y * stride + i - top, x * stride + j - left];
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              window.push(images[((b * height + row) * width + column) * channels + c]);
            }
          }
          result.push(
            kind === "max"
              ? Math.max(...window)
              : window.reduce((sum, value) => sum + value) / window.length,
          );
        }
      }
    }
  }
  return Float32Array.from(result);
}

/** Picks pixels: `source` says which row and column a pixel of the result comes from. */
export function pick(
  images: Float32Array,
  [batch, height, width, channels]: Shape4D,
  size: readonly [height: number, width: number],
  source: (position: number, axis: "rows" | "columns") => number,
): Float32Array {
  const result: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < size[0]; y++) {
      for (let x = 0; x < size[1]; x++) {
        const pixel = (b * height + source(y, "rows")) * width + source(x, "columns");
        for (let c = 0; c < channels; c++) result.push(images[pixel * channels + c]);
      }
    }
  }
  return Float32Array.from(result);
}
