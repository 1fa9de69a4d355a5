/**
 * Where a backend says that it computes some gradient faster than the general formulation does.
 *
 * @module
 */
import type * as tf from "../../tf.ts";

/** How a convolution walks over its input, as tfjs hands it to gradients. */
export interface ConvGeometry {
  /** Rows, columns. */
  readonly strides: [number, number];
  /** Rows, columns. */
  readonly dilations: [number, number];
  /** Explicit: pixels before and after, for each of the four axes. */
  readonly pad: "same" | "valid" | [number, number][];
}

/** Gradients of a convolution, from `dy` `[B, h, w, C']`, the gradient of its output. */
export interface ConvGradients {
  /** With respect to the input `[B, H, W, C]`. */
  readonly input: (
    dy: tf.Tensor4D,
    filter: tf.Tensor4D,
    inputShape: [number, number, number, number],
    geometry: ConvGeometry,
  ) => tf.Tensor;
  /** With respect to the filter `[kh, kw, C, C']`. */
  readonly filter: (
    input: tf.Tensor4D,
    dy: tf.Tensor4D,
    filterShape: [number, number, number, number],
    geometry: ConvGeometry,
  ) => tf.Tensor;
}

/** How a resize finds its source pixels. */
export interface ResizeGeometry {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Gradient of a resize with respect to `images` `[B, h, w, C]`, from `dy` `[B, H, W, C]`. */
export type ResizeGradient = (
  dy: tf.Tensor4D,
  images: tf.Tensor4D,
  geometry: ResizeGeometry,
) => tf.Tensor;

/** Gradients that a backend has kernels for. Whatever is left out is computed from ordinary operations. */
export interface BackendGradients {
  /** Of `tf.relu` with respect to its input, from its output. */
  readonly relu?: (dy: tf.Tensor, output: tf.Tensor) => tf.Tensor;
  /** Of `tf.leakyRelu` with respect to its input. */
  readonly leakyRelu?: (dy: tf.Tensor, input: tf.Tensor, alpha: number) => tf.Tensor;
  /** Of `tf.mirrorPad` with respect to its input. */
  readonly mirrorPad?: (
    dy: tf.Tensor,
    paddings: [number, number][],
    mode: "reflect" | "symmetric",
  ) => tf.Tensor;
  readonly resizeBilinear?: ResizeGradient;
  readonly resizeNearestNeighbor?: ResizeGradient;
  /** Of `tf.conv2d` (NHWC) where it is dilated or padded explicitly, but never both. */
  readonly conv2d?: ConvGradients;
}

const gradientsOfBackend = new Map<string, BackendGradients>();

/** Tells which gradients a backend has kernels for. Called where the backend is made. */
export function setBackendGradients(backendName: string, gradients: BackendGradients): void {
  gradientsOfBackend.set(backendName, gradients);
}

/** What the backend that is active now has kernels for. */
export function backendGradients(backendName: string): BackendGradients {
  return gradientsOfBackend.get(backendName) ?? {};
}
