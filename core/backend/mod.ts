/**
 * Backends: choose one, record steps on it.
 *
 * @module
 */
import * as tf from "../tf.ts";
import { applyGradientFixes } from "./fixes.ts";
import type { ClusterOptions } from "./tensorflow/collectives.ts";

export type { ClusterOptions } from "./tensorflow/collectives.ts";
export {
  record,
  type RecordedStep,
  type RecordingStatistics,
  type RecordOptions,
} from "./record.ts";
export { exactMatMul, type Precision } from "./precision.ts";
export { recomputed, Turns } from "./recompute.ts";
export { freezeGraph } from "./frozen_graph.ts";
export type { FrozenGraph, GraphPlace } from "./graph_form.ts";
export { applyGradientFixes } from "./fixes.ts";

/** The backends by name; "auto" is tensorflow, else wasm. */
export type BackendName = "auto" | "tensorflow" | "wasm" | "webgpu" | "cpu";

/** How a backend is chosen. */
export interface BackendOptions {
  /** Threads of the CPU; 0 for one a core. @default {0} */
  readonly threads?: number;
  /** tensorflow: "cpu", "gpu:0", or "auto". @default {"auto"} */
  readonly device?: string;
  /** Whether TensorFlow may be fetched where it is not found. @default {true} */
  readonly fetch?: boolean;
  /** tensorflow: the processes that train together. @default this one alone */
  readonly cluster?: ClusterOptions;
  /** Told what is done that takes time, or that was chosen for want of better. */
  readonly notify?: (message: string) => void;
}

/** What runs. */
export interface BackendInfo {
  readonly name: string;
  readonly version: string;
  readonly devices: readonly string[];
  /** File of the library, where there is one. */
  readonly library?: string;
}

let active: BackendInfo | undefined;

/** What was chosen last; undefined before the first choice. */
export function backendInfo(): BackendInfo | undefined {
  return active;
}

/**
 * Makes a backend active, gradient fixes included.
 *
 * @param name Which one
 * @param options Threads, device, messages
 * @returns What runs
 * @throws {RangeError} If there is no such backend, or the device is written wrongly
 * @throws {Error} If it cannot run here; "auto" then takes the next, and says so
 *
 * @example Usage
 * ```ts
 * import { selectBackend } from "@realign/core/backend";
 * import assert from "node:assert/strict";
 *
 * const { name } = await selectBackend("cpu");
 * assert.equal(name, "cpu");
 * ```
 */
export async function selectBackend(
  name: BackendName,
  options: BackendOptions = {},
): Promise<BackendInfo> {
  const start = starts[name];
  if (!start) {
    throw new RangeError(
      `Cannot select a backend as its name must be one of ${
        Object.keys(starts).join(", ")
      }: current value is "${name}"`,
    );
  }
  const { device = "auto" } = options;
  if (!/^(auto|cpu|gpu:\d+)$/.test(device)) {
    throw new RangeError(
      `Cannot select a backend as its device must be auto, cpu or gpu:0 with the GPU's number: current value is "${device}"`,
    );
  }
  active = await start(options);
  applyGradientFixes();
  return active;
}

const starts: Readonly<Record<BackendName, (options: BackendOptions) => Promise<BackendInfo>>> = {
  async auto(options) {
    try {
      return await starts.tensorflow(options);
    } catch (error) {
      if (options.device?.startsWith("gpu:") || options.cluster) throw error;
      options.notify?.(
        `${
          error instanceof Error ? error.message : error
        }; the wasm backend takes over, several times slower`,
      );
      return await starts.wasm(options);
    }
  },
  async tensorflow(options) {
    tensorflow ??= startTensorflow(options).catch((error) => {
      tensorflow = undefined;
      throw error;
    });
    const info = await tensorflow;
    await tf.setBackend("tensorflow");
    return info;
  },
  async wasm({ threads }) {
    const { createWasm } = await import("./wasm/mod.ts");
    await createWasm({ threads });
    return { name: "wasm", version: tf.version_core, devices: ["CPU:0"] };
  },
  async webgpu() {
    const { createWebGPU } = await import("./webgpu.ts");
    await createWebGPU();
    return { name: "webgpu", version: tf.version_core, devices: ["GPU:0"] };
  },
  async cpu() {
    await tf.setBackend("cpu");
    return { name: "cpu", version: tf.version_core, devices: ["CPU:0"] };
  },
};

/** TensorFlow, which a process starts once: a second library would not know the first one's tensors. */
let tensorflow: Promise<BackendInfo> | undefined;

async function startTensorflow(
  { threads, device, fetch = true, notify, cluster }: BackendOptions,
): Promise<BackendInfo> {
  const [{ provideLibtensorflow }, { createTensorflow }] = await Promise.all([
    import("./tensorflow/install.ts"),
    import("./tensorflow/mod.ts"),
  ]);
  const { folder } = await provideLibtensorflow({ fetch, notify });
  const { library, version, devices } = await createTensorflow({
    libraryFolder: folder,
    threads,
    device,
    cluster,
  });
  if (device?.startsWith("gpu:") && !devices.some((name) => /gpu/i.test(name))) {
    throw new Error(`Cannot compute on ${device} as TensorFlow sees no GPU: it sees ${devices}`);
  }
  return { name: "tensorflow", version, devices, library };
}
