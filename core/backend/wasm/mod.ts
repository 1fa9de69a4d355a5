/**
 * The WebAssembly backend, with what training needs and the stock one lacks, has wrong or does slowly.
 *
 * @module
 */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "../../tf.ts";
import { registerConvolutionGradients } from "./kernels/convolution.ts";
import { registerDepthwiseGradients } from "./kernels/depthwise.ts";
import { registerMatMul } from "./kernels/matmul.ts";
import { registerMaxPoolGradient } from "./kernels/max_pool.ts";
import { registerNotNumbers } from "./kernels/not_numbers.ts";
import { registerSegmentSum } from "./kernels/segments.ts";

/** How the WebAssembly backend runs. */
export interface WasmOptions {
  /**
   * Threads; 0 for one a core. Only Deno asks for them here: browsers start them by themselves on pages
   * that are isolated from other origins.
   *
   * @default {1}
   */
  readonly threads?: number;
}

let started: Promise<void> | undefined;

/**
 * Makes the WebAssembly backend active. It runs in Deno and in browsers, with SIMD where the machine
 * has it, and needs neither network nor GPU.
 *
 * Added to the stock backend: gradients of convolutions with respect to filters, of depthwise
 * convolutions and of `tf.gather`. Corrected: the gradient of max pooling, which misses windows without
 * a positive value. Made faster: the gradient of convolutions with respect to the input, and matrix
 * products that are transposed or come in batches.
 *
 * @param options Threads; only those of the first call count
 * @returns When it is active
 * @throws {RangeError} If the number of threads is not an integer of at least 0
 * @throws {Error} If WebAssembly cannot start here
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { selectBackend } from "@realign/core/backend";
 * import * as tf from "@realign/core/tf";
 *
 * await selectBackend("wasm");
 * const gradient = tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"))(tf.fill([1, 2, 2, 1], -1));
 * assert.deepEqual([...tf.sum(gradient).dataSync()], [1]);
 * ```
 */
export async function createWasm(options: WasmOptions = {}): Promise<void> {
  const { threads = 1 } = options;
  if (!Number.isInteger(threads) || threads < 0) {
    throw new RangeError(
      `Cannot create the wasm backend as threads must be an integer of at least 0: current value is ${threads}`,
    );
  }
  started ??= start(threads === 0 ? navigator.hardwareConcurrency : threads);
  await started;
  await tf.setBackend("wasm");
}

async function start(threads: number): Promise<void> {
  const inDeno = "Deno" in globalThis;
  if (inDeno && threads > 1) {
    const { withThreads } = await import("./threads.ts");
    await withThreads(threads, activate);
  } else {
    await activate();
  }
  registerMatMul();
  registerConvolutionGradients();
  registerDepthwiseGradients();
  registerMaxPoolGradient();
  registerNotNumbers();
  registerSegmentSum();
}

async function activate(): Promise<void> {
  if (!await tf.setBackend("wasm")) {
    throw new Error("Cannot create the wasm backend as WebAssembly did not start");
  }
}
