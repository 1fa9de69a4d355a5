import * as tf from "./tf.ts";
import { createWasm } from "./backend/wasm.ts";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
await createWasm({ threads: 2 });
console.log("threads", wasm.getThreadsCount(), await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT"), "PThread" in (tf.backend() as any).wasm);
