/**
 * The socket of a service.
 *
 * @module
 */
import type { Handler } from "./service.ts";

/** Where a service listens. */
export interface Address {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** A service that listens. */
export interface Listening {
  /** E.g. "http://127.0.0.1:8000". */
  readonly url: string;
  /**
   * Takes no more requests, and waits for those in flight.
   *
   * @param seconds How long
   * @returns Whether all were answered
   */
  stop(seconds: number): Promise<boolean>;
}

/**
 * Fails if Deno does not allow to listen: before anything is computed.
 *
 * @param address Where
 * @throws {Error} One line: how it is allowed
 */
export function assertMayListen({ host, port }: Address): void {
  const place = placeOf(host, port);
  if (Deno.permissions.querySync({ name: "net", host: place }).state === "granted") return;
  throw new Error(
    `Cannot listen on ${place} as Deno lacks the permission: use deno task serve, which allows 127.0.0.1, or see docs/serve.md`,
  );
}

/**
 * Listens.
 *
 * @param handler Answers the requests
 * @param address Where
 * @throws {Error} If it cannot; one line
 */
export function listen(
  { handle, end }: Pick<Handler, "handle" | "end">,
  { host, port }: Address,
): Listening {
  const server = open(handle, host, port);
  const { hostname, port: real } = server.addr;
  return {
    url: `http://${placeOf(hostname, real)}`,
    async stop(seconds) {
      end();
      const late = Promise.withResolvers<false>();
      const timer = setTimeout(() => late.resolve(false), 1000 * seconds);
      const isDone = await Promise.race([server.shutdown().then(() => true), late.promise]);
      clearTimeout(timer);
      return isDone;
    },
  };
}

function open(handle: Handler["handle"], hostname: string, port: number) {
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, (request) => handle(request));
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? " as another program listens there: choose another --port, or 0 for any"
      : `: ${(error as Error).message.split("\n")[0]}`;
    throw new Error(`Cannot listen on ${placeOf(hostname, port)}${reason}`, { cause: error });
  }
}

/** An address and a port, as in a URL. */
function placeOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
