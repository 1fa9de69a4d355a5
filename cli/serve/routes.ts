/**
 * What a service answers, path by path.
 *
 * @module
 */
import type { Overlay } from "@realign/core";
import { chooseType } from "./accept.ts";
import type { BatchQueue } from "./batch_queue.ts";
import type { Engine } from "./engine.ts";
import { HttpError, json, reply } from "./answers.ts";
import type { HostImage } from "./image.ts";
import { isDefended, readInput, seedOf } from "./inputs.ts";
import type { Limits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import type { About } from "./open_engine.ts";
import { openApiDocument } from "./openapi.ts";
import { assertEncodable, encode, PICTURES } from "./pictures.ts";
import { formatTensor, SHAPE_HEADER, TENSOR } from "./tensors.ts";

/** What routes answer with. */
export interface Service {
  readonly engine: Engine;
  readonly about: About;
  readonly queue: BatchQueue<HostImage>;
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Requests that are read, wait or are computed. */
  readonly active: () => number;
  /** Whether it is ending. */
  readonly ending: () => boolean;
}

/** A path, and how it is answered. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Whether it takes a place among the requests of which there are at most `queue`. */
  readonly isWork: boolean;
  readonly answer: (request: Request, service: Service) => Response | Promise<Response>;
}

const get = (path: string, answer: Route["answer"]): Route => ({
  method: "GET",
  path,
  isWork: false,
  answer,
});

/**
 * The routes of a service.
 *
 * @param predicts Whether it has O
 */
export function routesOf(predicts: boolean): Route[] {
  const routes: Route[] = [
    { method: "POST", path: "/v1/restore", isWork: true, answer: restore },
    ...predicts
      ? [{ method: "POST", path: "/v1/predict", isWork: true, answer: predict } as const]
      : [],
    get("/health", () => json(200, { status: "ok" })),
    get(
      "/ready",
      (_, { about, ending }) =>
        ending()
          ? json(503, { error: "Cannot take requests as the service is ending" })
          : json(200, about),
    ),
    get(
      "/metrics",
      (_, { metrics, active, queue }) =>
        reply(
          200,
          metrics.format({
            active: active(),
            waiting: queue.length,
            memory: Deno.memoryUsage().rss,
          }),
          {
            "content-type": "text/plain; version=0.0.4; charset=utf-8",
          },
        ),
    ),
  ];
  const described = [...routes, get("/openapi.json", () => json(200, document))];
  const document = openApiDocument(described);
  return described;
}

/** POST /v1/restore. */
async function restore(request: Request, service: Service): Promise<Response> {
  const { engine, metrics, limits } = service;
  const type = chooseType(request.headers.get("accept"), [...Object.keys(PICTURES), TENSOR]);
  const seed = seedOf(request);
  const { images, batched } = await readInput(
    request,
    limits,
    (bytes) => metrics.received.add(bytes),
  );
  if (type !== TENSOR && batched) {
    throw new HttpError(406, `Cannot answer a batch with a picture: accept ${TENSOR}`);
  }
  if (type !== TENSOR) assertEncodable(images[0], type);
  const restored = await compute(request, service, {
    images,
    name: "restore",
    alone: engine.random,
    batch: (images) => engine.restore(images, seed),
  });
  metrics.restored.add(restored.length);
  const drawn = seedHeader(engine.random, seed);
  if (type !== TENSOR) {
    return reply(200, await encode(restored[0], type), { "content-type": type, ...drawn });
  }
  const { bytes, shape } = formatTensor(restored, batched);
  return reply(200, bytes, { "content-type": TENSOR, [SHAPE_HEADER]: shape, ...drawn });
}

/** POST /v1/predict. */
async function predict(request: Request, service: Service): Promise<Response> {
  const { engine, metrics, limits } = service;
  const defended = isDefended(request);
  const seed = seedOf(request);
  const { images } = await readInput(request, limits, (bytes) => metrics.received.add(bytes));
  const drawsNoise = defended && engine.random;
  const predictions = await compute(request, service, {
    images,
    name: defended ? "predict" : "predict undefended",
    alone: drawsNoise,
    batch: (images) => engine.predict(images, seed, defended),
  });
  metrics.predicted.add(predictions.length);
  if (defended) metrics.restored.add(predictions.length);
  const { classNames } = engine.predictor!;
  return json(200, {
    defended,
    predictions: predictions.map(({ text, overlay }) => ({
      text,
      ...overlay && shown(overlay, classNames),
    })),
  }, seedHeader(drawsNoise, seed));
}

/** What is computed of a request's images. */
interface Work<R> {
  readonly images: readonly HostImage[];
  /** Images of one size with the same work are computed together. */
  readonly name: string;
  readonly alone: boolean;
  readonly batch: (images: readonly HostImage[]) => Promise<readonly R[]>;
}

/** Computes all images of a request, together with those of others. */
function compute<R>(
  { signal }: Request,
  { queue, metrics }: Service,
  { images, name, alone, batch }: Work<R>,
): Promise<R[]> {
  const counted = (images: readonly HostImage[]) => {
    metrics.batches.observe(images.length);
    return batch(images);
  };
  return Promise.all(images.map((image) => {
    const key = `${name} ${image.height}x${image.width}`;
    return queue.add(image, { key, compute: counted, alone, signal });
  }));
}

/** The seed by which a random defense drew, so that an answer can be had again. */
function seedHeader(isRandom: boolean, seed: number): Record<string, string> {
  return isRandom ? { seed: String(seed) } : {};
}

/** A label map or boxes as JSON: classes of pixels as base64, row by row. */
function shown({ labelMap, boxes }: Overlay, classNames: readonly string[]): object {
  return {
    ...labelMap && {
      labelMap: { ...labelMap, classes: labelMap.classes.toBase64(), names: classNames },
    },
    ...boxes && { boxes: boxes.map((box) => ({ ...box, name: classNames[box.class] })) },
  };
}
