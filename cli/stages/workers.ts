/**
 * Several processes in one training: that all do the same, and who is lost.
 *
 * @module
 */
import { activeWorkers, fromAll } from "@realign/core/workers";
import type { Interruption } from "../system/interruption.ts";
import { sha256 } from "../system/safe_file.ts";

/**
 * Fails, on every worker alike, unless all have the same of each fact.
 *
 * @param learn What must be equal, by what it is called, e.g. "preset"; not asked of a process that is alone
 * @throws {Error} It names the worker and the fact
 */
export async function assertAgreement(
  learn: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<void> {
  if (activeWorkers().count === 1) return;
  const facts = await learn();
  const names = Object.keys(facts);
  const digests = names.map((name) =>
    sha256(new TextEncoder().encode(JSON.stringify(facts[name])))
  );
  const own = Int32Array.from(digests, (digest) => parseInt(digest.slice(0, 8), 16) | 0);
  const [first, ...others] = await withWorkers(
    () => fromAll(own),
    "start all of them, within the seconds of --worker-timeout",
  );
  for (const [at, other] of others.entries()) {
    const name = names.find((_, fact) => other[fact] !== first[fact]);
    if (name === undefined) continue;
    throw new Error(
      `Cannot train together as worker ${at + 1} has another ${name} than worker 0: ` +
        "start all workers with the same command, version and data",
    );
  }
}

/**
 * What ends attacks within a step: nothing with several workers, which end together, after one.
 *
 * @param interruption Of the command
 */
export function signalWithin({ signal }: Pick<Interruption, "signal">): AbortSignal | undefined {
  return activeWorkers().count === 1 ? signal : undefined;
}

/**
 * Runs what several workers do together, and says who is lost where one of them does not answer.
 *
 * @param work What fails once a worker is lost
 * @param advice What to do then
 * @throws {Error} One line that names the lost worker; anything else as it was
 */
export async function withWorkers<T>(
  work: () => Promise<T>,
  advice = "the last checkpoint stands: start all of them again with --resume",
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { count, lost } = activeWorkers();
    const isOurs = error instanceof Error && /\bcollective\b/i.test(error.message);
    if (count === 1 || !isOurs) throw error;
    const numbers = lost();
    const who = numbers.length > 0
      ? `worker ${numbers.join(" and ")} ${numbers.length > 1 ? "do" : "does"} not answer`
      : "one of them was too slow: raise --worker-timeout";
    throw new Error(
      `Cannot go on with ${count} workers as ${who}; ${advice}`,
      { cause: error },
    );
  }
}
