/**
 * Threads for the WebAssembly backend in Deno. Browsers need none of this.
 *
 * The package knows how to start threads under Node, but hands its workers a script as a blob, which
 * Node-style workers do not take. So while the backend starts, workers are made from a file instead.
 *
 * @module
 */
import { createRequire } from "node:module";
import process from "node:process";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import * as tf from "../../tf.ts";

interface ThreadWorker {
  postMessage(message: object, transfer?: readonly Transferable[]): void;
}

/** CommonJS hands out one mutable object a module for the whole process. */
interface WorkerThreads {
  Worker: new (file: URL | string) => ThreadWorker;
}

/**
 * Starts something with the package set up for threads, and puts everything back afterwards.
 *
 * @param threads How many
 * @param start Starts the backend
 */
export async function withThreads(threads: number, start: () => Promise<unknown>): Promise<void> {
  const require = createRequire(`${process.cwd()}/`);
  const workerThreads = require("node:worker_threads") as WorkerThreads;
  const system = require("node:os") as { cpus(): readonly unknown[] };
  const scope = globalThis as unknown as { Worker: unknown };
  const [globalWorker, StockWorker, cpus] = [scope.Worker, workerThreads.Worker, system.cpus];
  workerThreads.Worker = class extends StockWorker {
    constructor() {
      super(new URL("./thread.ts", import.meta.url));
    }
    // A thread that waits for work must not keep the process alive.
    ref(): void {}
    override postMessage(message: object, transfer?: readonly Transferable[]): void {
      super.postMessage({ ...message, urlOrBlob: undefined }, transfer);
    }
  };
  // The binary takes half the cores at most, and asks once.
  system.cpus = () => Array(2 * threads);
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
  wasm.setThreadsCount(threads);
  try {
    await start();
  } finally {
    Object.assign(system, { cpus });
    Object.assign(workerThreads, { Worker: StockWorker });
    scope.Worker = globalWorker;
  }
}
