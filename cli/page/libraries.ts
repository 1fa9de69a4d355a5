/**
 * TensorFlow.js as its package has it for browsers.
 *
 * @module
 */
import wasmEngine from "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.es2017.min.js" with {
  type: "text",
};
import webgpuEngine from "@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.es2017.min.js" with {
  type: "text",
};
import tfjs from "@tensorflow/tfjs/dist/tf.es2017.min.js" with { type: "text" };

/** The parts of a page that are the same in every page, by name. */
export async function readLibraries(): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const encoder = new TextEncoder();
  const wasm = import.meta.resolve(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
  );
  return {
    tfjs: encoder.encode(tfjs),
    "wasm-engine": encoder.encode(wasmEngine),
    "webgpu-engine": encoder.encode(webgpuEngine),
    wasm: await Deno.readFile(new URL(wasm)),
  };
}
