/**
 * What a run was made with: programs, backend, machine, commit.
 *
 * @module
 */
import { type BackendInfo, backendInfo } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import { cpus } from "node:os";
import { join } from "node:path";
import process from "node:process";
import config from "../deno.json" with { type: "json" };

/** This program's version. */
export const VERSION: string = config.version;

/** Versions, backend, machine; what cannot be learnt is left out. */
export interface Environment {
  readonly realign: string;
  readonly deno: string;
  readonly tfjs: string;
  readonly platform: string;
  /** Without the library's path, which says nothing on another machine. */
  readonly backend?: Omit<BackendInfo, "library">;
  readonly threads: number;
  readonly cpu?: string;
  readonly memoryGiB?: number;
  readonly commit?: string;
}

/**
 * Learns what the process runs with. Call it after the backend was chosen.
 *
 * @param threads Threads asked for; 0 for one a core
 * @returns A plain object, for `run.json` and `evaluation.json`
 */
export async function readEnvironment(threads = 0): Promise<Environment> {
  const { library: _path, ...backend } = backendInfo() ?? {};
  return {
    realign: VERSION,
    deno: Deno.version.deno,
    tfjs: tf.version_core,
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    backend: "name" in backend ? backend as Omit<BackendInfo, "library"> : undefined,
    threads: threads || navigator.hardwareConcurrency,
    cpu: ifPermitted(() => cpus()[0]?.model),
    memoryGiB: ifPermitted(() => Math.round(Deno.systemMemoryInfo().total / 2 ** 30)),
    commit: await readCommit(join(import.meta.dirname ?? ".", "../..")),
  };
}

/** The most memory that this process has held, in GiB. */
export function peakMemoryGiB(): number {
  return Number((process.resourceUsage().maxRSS / 2 ** 20).toFixed(2));
}

function ifPermitted<T>(learn: () => T): T | undefined {
  try {
    return learn();
  } catch {
    return undefined;
  }
}

/** The commit of a checkout, read from its files; undefined where the program was installed otherwise. */
async function readCommit(root: string): Promise<string | undefined> {
  const read = (path: string) =>
    Deno.readTextFile(join(root, ".git", path)).then((text) => text.trim(), () => undefined);
  const head = await read("HEAD");
  const reference = head?.match(/^ref: (.+)$/)?.[1];
  if (!reference) return head;
  const packed = (await read("packed-refs"))?.split("\n").find((line) => line.endsWith(reference));
  return await read(reference) ?? packed?.split(" ")[0];
}
