/**
 * The WebGPU backend, on a device that is made here.
 *
 * @module
 */
import * as webgpu from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "../tf.ts";

/** Limits of the device that kernels profit from, asked for at what the adapter offers. */
const limits = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
] as const;

let started: Promise<void> | undefined;

/**
 * Makes the WebGPU backend active, on any GPU and in browsers. The stock package looks for its device
 * in ways that only browsers have; here the device is made first and handed over.
 *
 * Values come by `await tensor.data()` only: `dataSync` and `arraySync` are not for this backend. A
 * process that also uses the tensorflow backend must start that one first: Mesa's software renderer
 * and TensorFlow each bring an LLVM along, and TensorFlow crashes if it is loaded second.
 *
 * @returns When it is active
 * @throws {Error} If there is no WebGPU, or no GPU that it can use
 *
 * @example Usage
 * ```ts ignore
 * import { selectBackend } from "@realign/core/backend";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await selectBackend("webgpu");
 * assert.deepEqual([...await tf.add([1, 2], 3).data()], [4, 5]);
 * ```
 */
export async function createWebGPU(): Promise<void> {
  started ??= start().catch((error) => {
    started = undefined;
    throw error;
  });
  await started;
  await tf.setBackend("webgpu");
}

async function start(): Promise<void> {
  if (!navigator.gpu) {
    throw new Error("Cannot create the webgpu backend as this runtime has no WebGPU");
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("Cannot create the webgpu backend as no GPU adapter was found");
  const device = await adapter.requestDevice({
    requiredFeatures: adapter.features.has("timestamp-query") ? ["timestamp-query"] : [],
    requiredLimits: Object.fromEntries(limits.map((name) => [name, adapter.limits[name]])),
  });
  device.addEventListener("uncapturederror", (event) => {
    console.error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`);
  });
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new webgpu.WebGPUBackend(device, adapter.info));
}
