/**
 * Sums over processes by TensorFlow's own collectives: gRPC between CPUs, NCCL between the GPUs of a machine.
 *
 * @module
 */
import * as tf from "../../tf.ts";
import type { Workers } from "../../workers/workers.ts";
import { AttributeType } from "./attributes.ts";
import { DataType, type TensorflowBinding } from "./binding.ts";
import type { OperationRunner } from "./kernels.ts";
import { message, number, text } from "./proto.ts";

/** The processes of a training. */
export interface ClusterOptions {
  /** Addresses of all workers, e.g. "10.0.0.1:2222", in the order of their numbers. */
  readonly addresses: readonly string[];
  /** This worker's number. */
  readonly index: number;
  /** Seconds that a worker waits for the others before it gives up. */
  readonly timeout: number;
}

/** The group of all workers; TensorFlow numbers groups. */
const GROUP = 1;

/** A ServerDef: field numbers are those of tensorflow/core/protobuf/tensorflow_server.proto and config.proto. */
function serverDefOf({ addresses, index }: ClusterOptions): Uint8Array<ArrayBuffer> {
  const tasks = addresses.flatMap((address, task) =>
    message(2, [...number(1, task), ...text(2, address)])
  );
  const cluster = message(1, [...text(1, "worker"), ...tasks]);
  const leader = message(16, text(1, "/job:worker/replica:0/task:0"));
  return new Uint8Array([
    ...message(1, cluster),
    ...text(2, "worker"),
    ...number(3, index),
    ...message(4, leader),
    ...text(5, "grpc"),
  ]);
}

/**
 * Joins the other workers: starts this one's server. Call it before anything is computed.
 *
 * @throws {Error} If the library has no collectives, or the address cannot be used
 */
export function joinCluster(binding: TensorflowBinding, cluster: ClusterOptions): void {
  const { library, library: { symbols, status }, context } = binding;
  if (!symbols.TFE_EnableCollectiveOps) {
    throw new Error("Cannot train with several workers as this TensorFlow library lacks them");
  }
  const server = serverDefOf(cluster);
  symbols.TFE_EnableCollectiveOps(context, server, BigInt(server.length), status);
  library.check(`listen on ${cluster.addresses[cluster.index]}`);
}

/** Which other workers do not answer within three seconds; none where the library cannot tell. */
function lostAmong(binding: TensorflowBinding, { addresses, index }: ClusterOptions): number[] {
  const { library, library: { symbols }, context } = binding;
  return [...addresses.keys()].filter((task) => {
    if (task === index || !symbols.TFE_CollectiveOpsCheckPeerHealth) return false;
    const status = symbols.TF_NewStatus();
    const name = library.string(`/job:worker/replica:0/task:${task}`);
    symbols.TFE_CollectiveOpsCheckPeerHealth(context, name, 3000n, status);
    const isLost = symbols.TF_GetCode(status) !== 0;
    symbols.TF_DeleteStatus(status);
    return isLost;
  });
}

/** The workers of a cluster that was joined. */
export function workersOf(
  binding: TensorflowBinding,
  runner: OperationRunner,
  cluster: ClusterOptions,
): Workers {
  const { addresses: { length: count }, index, timeout } = cluster;
  let sums = 0;
  return {
    index,
    count,
    lost: () => lostAmong(binding, cluster),
    sum<T extends tf.Tensor>(tensor: T): T {
      const type = tensor.dtype === "int32" ? DataType.int32 : DataType.float;
      const numbers = [count, GROUP, ++sums].map((value) => tf.scalar(value, "int32"));
      const [sum] = runner.executeMultipleOutputs(
        "CollectiveReduceV2",
        [
          { name: "T", type: AttributeType.type, value: type },
          { name: "merge_op", type: AttributeType.string, value: "Add" },
          { name: "final_op", type: AttributeType.string, value: "Id" },
          { name: "communication_hint", type: AttributeType.string, value: "auto" },
          { name: "timeout_seconds", type: AttributeType.float, value: timeout },
        ],
        [tensor, ...numbers],
        1,
      );
      tf.dispose(numbers);
      return sum as T;
    },
  };
}
