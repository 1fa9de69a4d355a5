/**
 * Workers of this machine: free addresses, and how a process is told of them.
 *
 * @module
 */

/** Addresses of this machine that nobody listens on now. */
export function freeAddresses(count: number): string[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const addresses = listeners.map(({ addr }) => `127.0.0.1:${addr.port}`);
  listeners.forEach((listener) => listener.close());
  return addresses;
}

/**
 * The variables that tell a process which worker it is.
 *
 * @param worker Addresses of all
 * @param index Its number
 */
export function workerVariables(
  worker: readonly string[],
  index: number,
): Readonly<Record<string, string>> {
  if (worker.length === 1) return {};
  return { TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: "worker", index } }) };
}
