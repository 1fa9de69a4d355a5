/**
 * What a process holds: memory, open files, tensors.
 *
 * @module
 */
import * as tf from "@realign/core/tf";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** What a process holds after its garbage was collected. */
export interface Held {
  /** MiB outside V8: what V8 takes of the system it keeps and reuses, so it says nothing of a leak. */
  readonly native: number;
  /** MiB of V8's heap in use. */
  readonly heap: number;
  /** Tensors. */
  readonly tensors: number;
  /** Open files, sockets and pipes; undefined where the system does not list them. */
  readonly handles?: number;
}

/** Collects garbage and measures. */
export async function measureHeld(): Promise<Held> {
  collectGarbage();
  const { rss, heapTotal, heapUsed } = Deno.memoryUsage();
  const handles = await openHandles();
  return {
    native: (rss - heapTotal) / 2 ** 20,
    heap: heapUsed / 2 ** 20,
    tensors: tf.memory().numTensors,
    ...(handles !== undefined && { handles }),
  };
}

/** Counts open files by Python, as Deno reads no `/proc` without all permissions. */
async function openHandles(): Promise<number | undefined> {
  const script = "import os; print(len(os.listdir(f'/proc/{os.getppid()}/fd')))";
  try {
    const { success, stdout } = await new Deno.Command("python3", { args: ["-c", script] })
      .output();
    return success ? Number(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    return undefined;
  }
}
