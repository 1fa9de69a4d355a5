/**
 * The `tensorflow` backend: tfjs-node's kernels over TensorFlow's C library, by FFI.
 *
 * @module
 */
// Deno and recent Node have dropped two old functions of node:util that the kernels call; the shim is loaded first.
import "./node_util_shim.ts";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import * as tf from "../../tf.ts";
import { setBackendGradients } from "../gradients/backend_gradients.ts";
import { setBatchNormKernel } from "./fused_norm.ts";
import { withQuietStderr } from "./quiet_stderr.ts";
import { setRecorder } from "../record.ts";
import { setWorkers } from "../../workers/workers.ts";
import { TensorflowBinding } from "./binding.ts";
import { type ClusterOptions, joinCluster, workersOf } from "./collectives.ts";
import { fusedBatchNorm, type OperationRunner, tensorflowGradients } from "./kernels.ts";
import { TensorflowLibrary } from "./library.ts";
import { message, number, text } from "./proto.ts";
import { replaceFilterKernel } from "./narrow_filter.ts";
import { enableOneDnn } from "./onednn.ts";
import { createTensorflowRecorder, type TensorflowBackend } from "./recorder.ts";

/** How TensorFlow is started. */
export interface TensorflowOptions {
  /** Folder of libtensorflow_cc. */
  readonly libraryFolder: string;
  /** Threads inside an operation; 0 for one a core. @default {0} */
  readonly threads?: number;
  /** "cpu", or a GPU's number as "gpu:0"; "auto" takes the first GPU there is. @default {"auto"} */
  readonly device?: string;
  /** The processes that train together. @default this one alone */
  readonly cluster?: ClusterOptions;
}

/** What runs. */
export interface TensorflowInfo {
  readonly library: string;
  readonly version: string;
  readonly devices: readonly string[];
}

/** The level of TensorFlow's log that has nothing but what ends the process. */
const FATAL = "3";

/**
 * Starts TensorFlow and makes it the active backend. A process starts it once.
 *
 * @throws {Error} If the library cannot be opened
 */
export async function createTensorflow(options: TensorflowOptions): Promise<TensorflowInfo> {
  // TensorFlow tells of CPU flags, rounding and missing instructions, and many times of a lost worker. What fails
  // comes back as an error too, so a user who wants to read that sets the level; a child has inherited ours.
  const level = Deno.env.get("TF_CPP_MIN_LOG_LEVEL");
  if (!level) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", FATAL);
  const wanted = Boolean(level) && level !== FATAL;
  enableOneDnn();
  const path = await findLibraryFile(options.libraryFolder);
  const start = () => new TensorflowBinding(new TensorflowLibrary(path), encodeConfig(options));
  const binding = wanted ? start() : withQuietStderr(start);
  const { library } = binding;
  const { cluster } = options;
  if (cluster) joinCluster(binding, cluster);
  const backend = new NodeJSKernelBackend(binding as never, "@tensorflow/tfjs-node-gpu");
  tf.registerBackend("tensorflow", () => backend as unknown as tf.KernelBackend, 3);
  replaceFilterKernel();
  setRecorder(
    "tensorflow",
    createTensorflowRecorder(binding, backend as unknown as TensorflowBackend),
  );
  setBackendGradients("tensorflow", tensorflowGradients(backend as unknown as OperationRunner));
  setBatchNormKernel("tensorflow", fusedBatchNorm(backend as unknown as OperationRunner));
  if (cluster) setWorkers(workersOf(binding, backend as unknown as OperationRunner, cluster));
  if (!await tf.setBackend("tensorflow")) {
    throw new Error("Cannot make tensorflow the active backend");
  }
  return {
    library: library.path,
    version: library.version,
    devices: binding.devices.map(({ name }) => name.replace(/^.*device:/, "")),
  };
}

async function findLibraryFile(folder: string): Promise<string> {
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_cc.2.dylib", "libtensorflow.so.2"]) {
    const path = `${folder}/${name}`;
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  throw new Error(`Cannot start TensorFlow as ${folder} has no libtensorflow_cc.so.2`);
}

/** A ConfigProto in protocol buffer bytes: field numbers are those of tensorflow/core/protobuf/config.proto. */
function encodeConfig(
  { threads = 0, device = "auto" }: TensorflowOptions,
): Uint8Array<ArrayBuffer> {
  const noGpu = device === "cpu" ? message(1, [...text(1, "GPU"), ...number(2, 0)]) : [];
  const visible = device.startsWith("gpu:") ? text(5, device.slice("gpu:".length)) : [];
  return new Uint8Array([
    ...noGpu,
    ...(threads > 0 ? number(2, threads) : []),
    ...message(6, [...number(4, 1), ...visible]), // GPU memory grows as needed
    ...number(7, 1), // an operation without a kernel on the device runs on the CPU
  ]);
}
