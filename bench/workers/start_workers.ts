/**
 * Starts a command in several processes of this machine.
 *
 * @module
 */
import { freeAddresses, workerVariables } from "../../cli/system/local_cluster.ts";
import { startRealign } from "../../cli/testing.ts";

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly error: string;
}

/**
 * Starts a command in several processes.
 *
 * @param count Number of workers
 * @param argsOf The words of a worker
 */
export function startWorkers(
  count: number,
  argsOf: (worker: number) => readonly string[],
): readonly { readonly child: Deno.ChildProcess; readonly ended: Promise<Ended> }[] {
  const worker = freeAddresses(count);
  return worker.map((_, index) => {
    const env = workerVariables(worker, index);
    const child = startRealign([...argsOf(index), "--threads", "1"], { env });
    const ended = child.output().then(({ code, stderr }) => ({
      code,
      error: new TextDecoder().decode(stderr),
    }));
    return { child, ended };
  });
}
