/**
 * The processes of a Slurm step, as it numbers them.
 *
 * @module
 */
import type { ClusterOptions } from "@realign/core/backend";
import { UsageError } from "./failure.ts";

/** What `srun` sets for each process. */
export type SlurmVariables = Readonly<
  Record<"SLURM_PROCID" | "SLURM_STEP_NODELIST" | "SLURM_STEP_TASKS_PER_NODE", string | undefined>
>;

/** The first port of a node; tasks of one node count on from it. */
const PORT = 2222;

/**
 * Reads the processes of the step that this one belongs to. Tasks must lie in blocks, as Slurm's default has them.
 *
 * @param variables Of this process
 * @param timeout Seconds that workers wait for each other
 * @returns Undefined for one process alone
 * @throws {UsageError} If a variable is missing, or cannot be read
 */
export function readSlurm(
  variables: SlurmVariables,
  timeout: number,
): ClusterOptions | undefined {
  const missing = Object.entries(variables).find(([, value]) => !value);
  if (missing) {
    throw new UsageError(
      `Cannot read the workers from Slurm as ${
        missing[0]
      } is not set: start them with srun, or leave --workers-from away`,
    );
  }
  const {
    SLURM_PROCID: rank,
    SLURM_STEP_NODELIST: nodes,
    SLURM_STEP_TASKS_PER_NODE: tasks,
  } = variables as Record<keyof SlurmVariables, string>;
  const counts = tasksPerNode(tasks);
  const hosts = nodeNames(nodes);
  if (hosts.length !== counts.length) {
    throw new UsageError(
      `Cannot read the workers from Slurm as "${nodes}" has ${hosts.length} nodes and "${tasks}" tasks of ${counts.length}`,
    );
  }
  const addresses = hosts.flatMap((host, node) =>
    Array.from({ length: counts[node] }, (_, task) => `${host}:${PORT + task}`)
  );
  const index = Number(rank);
  if (!Number.isInteger(index) || index < 0 || index >= addresses.length) {
    throw new UsageError(
      `Cannot read the workers from Slurm as SLURM_PROCID must be from 0 to ${
        addresses.length - 1
      }: current value is "${rank}"`,
    );
  }
  return addresses.length > 1 ? { addresses, index, timeout } : undefined;
}

/** "2(x3),1" is 2, 2, 2, 1. */
export function tasksPerNode(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [, count, times = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    if (count === undefined) {
      throw new UsageError(`Cannot read tasks per node from "${text}": it must be like 2(x3),1`);
    }
    return new Array<number>(Number(times)).fill(Number(count));
  });
}

/** "a[08-10,12]-x,b" is a08-x, a09-x, a10-x, a12-x, b. */
export function nodeNames(text: string): string[] {
  return text.split(/,(?![^[]*\])/).flatMap((part) => {
    const found = /^([^[\]]*)\[([^[\]]+)\](.*)$/.exec(part);
    if (!found) {
      if (/^[^[\]\s]+$/.test(part)) return [part];
      throw new UsageError(`Cannot read node names from "${text}": it must be like n[01-03],m7`);
    }
    const [, before, ranges, after] = found;
    const numbers = ranges.split(",").flatMap((range) => {
      const [first, last = first] = range.split("-");
      const length = Number(last) - Number(first) + 1;
      return Array.from(
        { length },
        (_, step) => String(Number(first) + step).padStart(first.length, "0"),
      );
    });
    return numbers.flatMap((number) => nodeNames(`${before}${number}${after}`));
  });
}
