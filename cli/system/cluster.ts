/**
 * The processes that train together, as `TF_CONFIG` names them: the form of tf.distribute, which Kubeflow sets, and a
 * Slurm script can.
 *
 * @module
 */
import type { ClusterOptions } from "@realign/core/backend";
import { UsageError } from "./failure.ts";
import { readSlurm } from "./slurm.ts";

/** Kinds of tasks, in the order of their numbers: a chief is the first worker. */
const KINDS = ["chief", "worker"] as const;

/** Where workers are read from: the variable, or what Slurm sets. */
export type ClusterKind = "tf-config" | "slurm";

/**
 * Reads the workers from the environment.
 *
 * @param kind What set it
 * @param timeout Seconds that workers wait for each other
 * @returns Undefined for one process alone
 * @throws {UsageError} If they cannot be read
 */
export function readCluster(kind: ClusterKind, timeout: number): ClusterOptions | undefined {
  const read = (variable: string) =>
    Deno.permissions.querySync({ name: "env", variable }).state === "granted"
      ? Deno.env.get(variable)
      : undefined;
  if (kind === "slurm") {
    return readSlurm({
      SLURM_PROCID: read("SLURM_PROCID"),
      SLURM_STEP_NODELIST: read("SLURM_STEP_NODELIST"),
      SLURM_STEP_TASKS_PER_NODE: read("SLURM_STEP_TASKS_PER_NODE"),
    }, timeout);
  }
  const text = read("TF_CONFIG");
  return text ? parseCluster(text, timeout) : undefined;
}

/**
 * Reads a description of workers.
 *
 * @param text JSON with `cluster` and `task`
 * @param timeout Seconds that workers wait for each other
 * @returns Undefined for one process alone
 * @throws {UsageError} If it is none
 */
export function parseCluster(text: string, timeout: number): ClusterOptions | undefined {
  const refuse = (reason: string): never => {
    throw new UsageError(`Cannot read the workers from TF_CONFIG as ${reason}`);
  };
  let parsed;
  try {
    parsed = JSON.parse(text);
  } catch {
    refuse("it is no JSON: see docs/several_workers.md");
  }
  const { cluster = {}, task } = Object(parsed);
  if (!isLists(cluster)) {
    refuse(
      `cluster must be lists of addresses, as {"worker": ["HOST:PORT"]}: current value is ${
        JSON.stringify(cluster)
      }`,
    );
  }
  const other = Object.keys(cluster).find((kind) => !(KINDS as readonly string[]).includes(kind));
  if (other !== undefined) {
    refuse(`cluster must have chief and worker alone: it has "${other}"`);
  }
  const listOf = (kind: string): string[] => cluster[kind] ?? [];
  const addresses = KINDS.flatMap(listOf);
  const wrong = addresses.find((address) => !isAddress(address));
  if (wrong !== undefined) {
    refuse(`each address must be HOST:PORT: current value is ${JSON.stringify(wrong)}`);
  }
  const twice = addresses.find((address, at) => addresses.indexOf(address) !== at);
  if (twice !== undefined) refuse(`two workers cannot have the address ${twice}`);
  if (addresses.length <= 1) return undefined;
  const { type, index } = Object(task);
  const own = listOf(type);
  if (!KINDS.includes(type) || !Number.isInteger(index) || index < 0 || index >= own.length) {
    refuse(
      `task must be one of the cluster's, as {"type": "worker", "index": 0}: current value is ${
        JSON.stringify(task)
      }`,
    );
  }
  return { addresses, index: addresses.indexOf(own[index]), timeout };
}

/** Whether a value is an object of lists. */
function isLists(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every(Array.isArray);
}

/** Whether a value is HOST:PORT, with a port that there is. */
function isAddress(value: unknown): boolean {
  const port = typeof value === "string" ? Number(/^.+:(\d{1,5})$/.exec(value)?.[1]) : NaN;
  return port >= 1 && port <= 65535;
}
