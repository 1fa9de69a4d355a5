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
 * Listens.
 *
 * @param handler Answers the requests
 * @param address Where
 * @throws {Error} If it cannot; one line
 */
export function listen({ handle, end }: Handler, { host, port }: Address): Listening {
  const server = open(handle, host, port);
  const { hostname, port: real } = server.addr;
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${real}`,
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
    throw new Error(`Cannot listen on ${hostname}:${port}${reasonOf(error, hostname)}`, {
      cause: error,
    });
  }
}

/** Why it cannot, and what to do. */
function reasonOf(error: unknown, host: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    return ` as Deno lacks the permission: run deno task serve, or add --allow-net=${host}`;
  }
  if (error instanceof Deno.errors.AddrInUse) {
    return " as another program listens there: choose another --port, or 0 for any";
  }
  return `: ${(error as Error).message.split("\n")[0]}`;
}
