/**
 * One thread of the WebAssembly backend in Deno: loads the package's program into a worker and runs
 * what the main thread asks for, in the terms of Emscripten's threads.
 *
 * @module
 */
import { type MessagePort, parentPort } from "node:worker_threads";
import programs from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js";

/** What the program offers to its threads. */
interface Program {
  readonly PThread: { receiveObjectTransfer(message: Message): void; threadInitTLS(): void };
  readonly ExitStatus: new (...parts: never[]) => Error & { readonly status: number };
  establishStackSpace(): void;
  executeNotifiedProxyingQueue(queue: number): void;
  invokeEntryPoint(routine: number, argument: number): void;
  keepRuntimeAlive(): boolean;
  _pthread_self(): number;
  __emscripten_thread_init(
    thread: number,
    isMain: number,
    isRuntime: number,
    canBlock: number,
  ): void;
  __emscripten_thread_exit(status: number): void;
  __emscripten_thread_crashed?(): void;
}

type Message =
  | {
    readonly cmd: "load";
    readonly wasmModule: WebAssembly.Module;
    readonly wasmMemory: WebAssembly.Memory;
    readonly handlers: readonly string[];
  }
  | {
    readonly cmd: "run";
    readonly pthread_ptr: number;
    readonly start_routine: number;
    readonly arg: number;
  }
  | { readonly cmd: "cancel" }
  | { readonly cmd: "processProxyingQueue"; readonly queue: number };

const port = parentPort as MessagePort;
const waitingQueues: number[] = [];
let program: Program | undefined;
let hasRun = false;

// The program calls these two by name once it is loaded, as it would in a browser's worker.
Object.assign(globalThis, {
  self: globalThis,
  postMessage: (message: unknown) => port.postMessage(message),
  startWorker(loaded: Program) {
    program = loaded;
    port.postMessage({ cmd: "loaded" });
  },
});

port.on("message", (message: Message) => {
  try {
    if (message.cmd === "load") load(message);
    else if (program) obey(program, message);
  } catch (error) {
    program?.__emscripten_thread_crashed?.();
    throw error;
  }
});

function load({ wasmModule, wasmMemory, handlers }: Message & { cmd: "load" }): void {
  const forwarded = handlers.map((
    handler,
  ) => [handler, (...args: unknown[]) => port.postMessage({ cmd: "callHandler", handler, args })]);
  (programs as unknown as (settings: object) => void)({
    ...Object.fromEntries(forwarded),
    wasmMemory,
    buffer: wasmMemory.buffer,
    ENVIRONMENT_IS_PTHREAD: true,
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance) => void,
    ) {
      const instance = new WebAssembly.Instance(wasmModule, imports);
      receive(instance);
      return instance.exports;
    },
  });
}

function obey(program: Program, message: Exclude<Message, { cmd: "load" }>): void {
  if (message.cmd === "run") {
    program.__emscripten_thread_init(message.pthread_ptr, 0, 0, 1);
    program.establishStackSpace();
    program.PThread.receiveObjectTransfer(message);
    program.PThread.threadInitTLS();
    hasRun = true;
    for (const queue of waitingQueues.splice(0)) program.executeNotifiedProxyingQueue(queue);
    try {
      program.invokeEntryPoint(message.start_routine, message.arg);
    } catch (error) {
      if (error === "unwind") return;
      if (!(error instanceof program.ExitStatus)) throw error;
      if (!program.keepRuntimeAlive()) program.__emscripten_thread_exit(error.status);
    }
  } else if (message.cmd === "cancel") {
    if (program._pthread_self()) program.__emscripten_thread_exit(-1);
  } else if (message.cmd === "processProxyingQueue") {
    if (hasRun) program.executeNotifiedProxyingQueue(message.queue);
    else waitingQueues.push(message.queue);
  }
}
