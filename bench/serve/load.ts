/**
 * Load on a service: clients that ask again as soon as they are answered.
 *
 * @module
 */

/** What a number of clients got. */
export interface Load {
  readonly clients: number;
  readonly requests: number;
  /** Answers other than 200. */
  readonly failed: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Milliseconds from a request to the end of its answer. */
  readonly latency: Readonly<Record<"p50" | "p95" | "p99" | "max", number>>;
}

/**
 * Asks as often as it is told, by several clients at once.
 *
 * @param clients How many
 * @param requests How often, all together
 * @param ask Asks once, and gives the answer's status
 * @throws {RangeError} If there is no request for each client
 */
export async function putLoad(
  clients: number,
  requests: number,
  ask: () => Promise<number>,
): Promise<Load> {
  if (requests < clients) {
    throw new RangeError(
      `Cannot measure ${clients} clients as each needs a request: current number is ${requests}`,
    );
  }
  const times: number[] = [];
  let left = requests;
  let failed = 0;
  const begun = performance.now();
  await Promise.all(Array.from({ length: clients }, async () => {
    while (left-- > 0) {
      const sent = performance.now();
      if (await ask() !== 200) failed++;
      times.push(performance.now() - sent);
    }
  }));
  const seconds = (performance.now() - begun) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Number(sorted[Math.ceil(share * sorted.length) - 1].toPrecision(4));
  return {
    clients,
    requests,
    failed,
    seconds: Number(seconds.toFixed(2)),
    requestsPerSecond: Number((requests / seconds).toPrecision(4)),
    latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
  };
}
