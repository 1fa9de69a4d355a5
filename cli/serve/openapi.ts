/**
 * The OpenAPI document of a service, for the routes that it has.
 *
 * @module
 */
import { VERSION } from "../system/environment.ts";
import { PICTURES } from "./pictures.ts";
import { SHAPE_HEADER, TENSOR } from "./tensors.ts";

type Json = Readonly<Record<string, unknown>>;

const jsonOf = (schema: Json): Json => ({ "application/json": { schema } });
const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** Bodies of bytes have no schema: OpenAPI 3.1. */
const images: Json = Object.fromEntries(
  [...Object.keys(PICTURES), TENSOR].map((type) => [type, {}]),
);

const query = (name: string, description: string, schema: Json): Json => ({
  ...{ name, in: "query", required: false, description, schema },
});

const seed = query(
  "seed",
  "Where a random defense draws from; a new seed for each request without it. The run's own seed gives what realign defend writes",
  { type: "integer", minimum: 0 },
);
const shape = query("shape", "Of a tensor: H,W,3 or B,H,W,3", {
  type: "string",
  pattern: "^\\d+,\\d+,(\\d+,)?3$",
});
const shapeHeader: Json = {
  name: SHAPE_HEADER,
  in: "header",
  required: false,
  description: "As the query shape, which goes before it",
  schema: { type: "string" },
};
const seedHeader: Json = {
  seed: { description: "Of a random defense: how it drew", schema: { type: "integer" } },
};

const requestBody: Json = {
  required: true,
  description:
    "A picture, told apart by its first bytes, or float32 numbers in [0, 1], little-endian",
  content: images,
};

/** What images can be refused with. */
const refused: Json = Object.fromEntries(
  Object.entries({
    400: "An empty or broken body, a wrong query or shape",
    408: "The body came too slowly",
    413: "Too many bytes or pixels",
    415: "A type that is not taken",
    422: "A damaged picture; a tensor with other numbers than it should have",
    500: "The computation failed",
    503: "Too many requests, or the service is ending; see Retry-After",
  }).map(([status, description]) => [status, { description, content: jsonOf(ref("Error")) }]),
);

/** The operations by method and path. */
const OPERATIONS: Readonly<Record<string, Json>> = {
  "POST /v1/restore": {
    operationId: "restore",
    summary: "Restores an image, as realign defend does",
    parameters: [seed, shape, shapeHeader],
    requestBody,
    responses: {
      200: {
        description: "PNG unless Accept names another type; of a batch, a tensor",
        headers: {
          ...seedHeader,
          [SHAPE_HEADER]: { description: "Of a tensor", schema: { type: "string" } },
        },
        content: images,
      },
      406: {
        description: "No type that Accept names holds the answer",
        content: jsonOf(ref("Error")),
      },
      ...refused,
    },
  },
  "POST /v1/predict": {
    operationId: "predict",
    summary: "Says what the target sees in an image, restored before",
    parameters: [
      query("defended", "false asks the target alone", { type: "boolean", default: true }),
      ...[seed, shape, shapeHeader],
    ],
    requestBody,
    responses: {
      200: {
        description: "A prediction for each image",
        headers: seedHeader,
        content: jsonOf(ref("Predictions")),
      },
      ...refused,
    },
  },
  "GET /health": {
    operationId: "health",
    summary: "Says that the process lives",
    responses: { 200: { description: "It does", content: jsonOf({ type: "object" }) } },
  },
  "GET /ready": {
    operationId: "ready",
    summary: "Says what is served",
    responses: {
      200: { description: "Requests are taken", content: jsonOf(ref("About")) },
      503: { description: "The service is ending", content: jsonOf(ref("Error")) },
    },
  },
  "GET /metrics": {
    operationId: "metrics",
    summary: "Counts requests, batches, bytes and images for Prometheus",
    responses: {
      200: {
        description: "Text format 0.0.4",
        content: { "text/plain": { schema: { type: "string" } } },
      },
    },
  },
  "GET /openapi.json": {
    operationId: "openapi",
    summary: "Gives this document",
    responses: { 200: { description: "OpenAPI 3.1", content: jsonOf({ type: "object" }) } },
  },
};

const text: Json = { type: "string" };
const list = (items: Json): Json => ({ type: "array", items });
const object = (properties: Json, required: readonly string[]): Json => ({
  ...{ type: "object", required, properties },
});

const schemas: Json = {
  Error: object({ error: text }, ["error"]),
  About: object({
    run: text,
    system: { ...text, description: "What restores" },
    size: {
      ...list({ type: "integer" }),
      description: "Height and width that images are resized to and back",
    },
    random: { type: "boolean", description: "Whether two answers to one image may differ" },
    task: text,
    classNames: list(text),
  }, ["run", "system", "random", "task"]),
  Predictions: object({ defended: { type: "boolean" }, predictions: list(ref("Prediction")) }, [
    ...["defended", "predictions"],
  ]),
  Prediction: object({
    text: { ...text, description: "In the task's words" },
    boxes: list(ref("Box")),
    labelMap: object({
      height: { type: "integer" },
      width: { type: "integer" },
      classes: { ...text, description: "Base64: a byte for each pixel, row by row; 255 is none" },
      names: { ...list(text), description: "Of the classes" },
    }, ["height", "width", "classes", "names"]),
  }, ["text"]),
  Box: object({
    box: {
      ...list({ type: "number" }),
      description: "Left, top, right and bottom edge, as fractions of width and height",
    },
    class: { type: "integer" },
    name: text,
    score: { type: "number" },
  }, ["box", "class"]),
};

/**
 * Writes the document.
 *
 * @param routes What the service answers
 * @throws {TypeError} If a route has no text
 */
export function openApiDocument(
  routes: readonly { readonly method: string; readonly path: string }[],
): Json {
  const paths: Record<string, Json> = {};
  for (const { method, path } of routes) {
    const operation = OPERATIONS[`${method} ${path}`];
    if (!operation) throw new TypeError(`Cannot document ${method} ${path} as it has no text`);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Realign",
      version: VERSION,
      description: "Removes adversarial perturbations before images reach a frozen network.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: { schemas },
  };
}
