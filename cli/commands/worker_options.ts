/**
 * Options of trainings that several processes share.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { type ClusterKind, readCluster } from "../system/cluster.ts";
import { wholeNumber, type WorkOptions } from "./options.ts";

/** How workers find each other. */
export interface WorkerOptions {
  readonly workersFrom?: ClusterKind;
  readonly workerTimeout?: number;
}

/** Seconds that workers wait for each other. A step, a review and a checkpoint must take less. */
const WORKER_TIMEOUT = 300;

/** Adds the options of several workers. */
export function withWorkerOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--workers-from <what>", "what names several workers of this training")
        .choices(["tf-config", "slurm"]).default("tf-config"),
    )
    .option(
      "--worker-timeout <seconds>",
      `how long workers wait for each other, ${WORKER_TIMEOUT} by default; see docs/several_workers.md`,
      wholeNumber(1),
    );
}

/** The options of this worker, if there are several. */
export function inCluster<T extends WorkOptions & WorkerOptions>(options: T): T {
  const { workersFrom = "tf-config", workerTimeout = WORKER_TIMEOUT } = options;
  return { ...options, cluster: readCluster(workersFrom, workerTimeout) };
}
