/**
 * From a request to its answer, whatever it is.
 *
 * @module
 */
import { BatchQueue } from "./batch_queue.ts";
import { HttpError, refusal } from "./answers.ts";
import type { HostImage } from "./image.ts";
import type { Limits } from "./limits.ts";
import { Metrics } from "./metrics.ts";
import type { OpenedEngine } from "./open_engine.ts";
import { type Route, routesOf, type Service } from "./routes.ts";

/** How a service works. */
export interface ServiceOptions extends Limits {
  /** Milliseconds that a request waits for others of its size. */
  readonly batchWait: number;
}

/** Seconds after which a refused request may be tried again. */
const RETRY_AFTER = "1";

/** A service without its socket. */
export interface Handler {
  /** Answers a request; never throws. */
  readonly handle: (request: Request) => Promise<Response>;
  /** From here on, new requests are refused. */
  readonly end: () => void;
  readonly metrics: Metrics;
}

/**
 * Makes a service.
 *
 * @param opened The engine; borrowed
 * @param options Its limits
 * @param report Told of failures that are no request's fault
 */
export function createHandler(
  { engine, about }: Pick<OpenedEngine, "engine" | "about">,
  options: ServiceOptions,
  report: (text: string) => void,
): Handler {
  const metrics = new Metrics();
  const queue = new BatchQueue<HostImage>({
    wait: options.batchWait,
    // Large images make small batches, which bounds the memory of a computation.
    most: ({ height, width }) =>
      Math.min(engine.most, Math.floor(options.maxPixels / (height * width))),
  });
  let active = 0;
  let ending = false;
  const service: Service = {
    engine,
    about,
    queue,
    limits: options,
    metrics,
    active: () => active,
    ending: () => ending,
  };
  const routes = routesOf(engine.predictor !== undefined);

  /** Answers a request that takes a place, if there is one. */
  async function work(route: Route, request: Request): Promise<Response> {
    if (ending) {
      throw new HttpError(503, "Cannot take requests as the service is ending", {
        "connection": "close",
        "retry-after": RETRY_AFTER,
      });
    }
    if (active >= options.queue) {
      throw new HttpError(
        503,
        `Cannot take more than ${options.queue} requests at once: try again later`,
        { "retry-after": RETRY_AFTER },
      );
    }
    active++;
    try {
      return await route.answer(request, service);
    } finally {
      active--;
    }
  }

  async function handle(request: Request): Promise<Response> {
    const begun = performance.now();
    // A client may call the host whatever it likes.
    const pathname = URL.parse(request.url)?.pathname;
    const response = await Promise.try(() => {
      if (pathname === undefined) {
        throw new HttpError(400, "Cannot read the address of the request");
      }
      const route = findRoute(routes, pathname, request.method);
      return route.isWork ? work(route, request) : route.answer(request, service);
    }).catch((error) => refusal(asHttpError(error, request, report)));
    // Paths of others are no labels: anybody could make up thousands.
    const endpoint = routes.find(({ path }) => path === pathname)?.path ?? "other";
    metrics.answered(endpoint, response.status, (performance.now() - begun) / 1000);
    metrics.sent.add(Number(response.headers.get("content-length")));
    return response;
  }
  return { handle, end: () => void (ending = true), metrics };
}

/** Finds a route. Throws HttpError 404 or 405. */
function findRoute(routes: readonly Route[], path: string, method: string): Route {
  const found = routes.filter((route) => route.path === path);
  if (found.length === 0) {
    throw new HttpError(404, "Cannot find this path: GET /openapi.json lists those that there are");
  }
  const route = found.find((route) => route.method === method);
  if (route) return route;
  const allow = found.map(({ method }) => method).join(", ");
  throw new HttpError(405, `Cannot answer this method here: use ${allow}`, { allow });
}

/** An error as it is answered: what is no request's fault is reported here, and not told. */
function asHttpError(
  error: unknown,
  { signal }: Request,
  report: (text: string) => void,
): HttpError {
  if (error instanceof HttpError) return error;
  // Nobody reads this answer.
  if (signal.aborted) return new HttpError(499, "Cannot answer as the connection was closed");
  const message = error instanceof Error ? error.message : String(error);
  report(`failed: ${message.split("\n")[0]}`);
  return new HttpError(500, "Cannot answer the request as the computation failed");
}
