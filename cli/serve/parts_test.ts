import assert from "node:assert/strict";
import { chooseType } from "./accept.ts";
import { HttpError } from "./answers.ts";
import { readBody } from "./limits.ts";
import { Metrics } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { Recent } from "./recent.ts";
import { routesOf } from "./routes.ts";
import { formatTensor, parseTensor } from "./tensors.ts";

const limits = { maxBytes: 100, maxPixels: 64, batch: 4, bodyTimeout: 0.05, queue: 1 };

/** Whether an error is an HttpError with a status and one line. */
const refusedWith = (status: number) => (error: unknown) => {
  assert.ok(error instanceof HttpError, `${error}`);
  assert.equal(error.status, status, error.message);
  assert.match(error.message, /^Cannot [^\n]*$/);
  return true;
};

Deno.test("chooseType takes the type that is liked most, by the most exact range", () => {
  const types = ["image/png", "image/jpeg", "application/octet-stream"];
  const cases: [string | null, string][] = [
    [null, "image/png"],
    ["*/*", "image/png"],
    ["image/*;q=0.5, application/octet-stream", "application/octet-stream"],
    ["image/png;q=0, image/*", "image/jpeg"],
    ["IMAGE/JPEG", "image/jpeg"],
    ["text/html, */*;q=0.1", "image/png"],
  ];
  for (const [header, type] of cases) assert.equal(chooseType(header, types), type, `${header}`);
  for (const header of ["text/html", "image/png;q=0", ""]) {
    assert.throws(() => chooseType(header, types), refusedWith(406), header);
  }
});

Deno.test("parseTensor takes what formatTensor writes, and nothing else", () => {
  const values = Float32Array.from({ length: 24 }, (_, index) => index / 24);
  const images = [0, 12].map((at) => ({ height: 2, width: 2, values: values.slice(at, at + 12) }));
  const { bytes, shape } = formatTensor(images, true);
  assert.equal(shape, "2,2,2,3");
  assert.deepEqual(parseTensor(bytes, shape, limits), images);
  assert.deepEqual(parseTensor(bytes, "4, 2,3", limits), [{ height: 4, width: 2, values }]);
  // At an odd place in memory too.
  const shifted = new Uint8Array([0, ...bytes]).subarray(1);
  assert.deepEqual(parseTensor(shifted, shape, limits), images);
  for (
    const told of [
      null,
      "",
      "2,2",
      "2,2,4",
      "0,2,2,3",
      "1,2,2,2,3",
      "2,-2,3",
      "2,2.5,3",
      "2,NaN,3",
      "2,1e1,3",
    ]
  ) {
    assert.throws(() => parseTensor(bytes, told, limits), refusedWith(400), `${told}`);
  }
  assert.throws(() => parseTensor(bytes, "999999999,999999999,3", limits), refusedWith(413));
  assert.throws(() => parseTensor(bytes, "8,1,1,3", limits), refusedWith(413));
  assert.throws(() => parseTensor(bytes, "2,2,3", limits), refusedWith(422));
  assert.throws(() => parseTensor(bytes.subarray(1), shape, limits), refusedWith(422));
  for (const value of [NaN, Infinity, -0.01, 1.01]) {
    const [{ values: own }] = images;
    const wrong = formatTensor([{ height: 2, width: 2, values: own.with(5, value) }], false);
    assert.throws(() => parseTensor(wrong.bytes, wrong.shape, limits), refusedWith(422));
  }
});

Deno.test("readBody reads no more than it may, and does not wait for ever", async () => {
  const request = (body: BodyInit | null, headers = {}) =>
    new Request("http://x", { method: "POST", body, headers });
  assert.equal((await readBody(request(new Uint8Array(100)), limits)).length, 100);
  await assert.rejects(readBody(request(new Uint8Array(101)), limits), refusedWith(413));
  await assert.rejects(readBody(request(null), limits), refusedWith(400));
  await assert.rejects(readBody(request(""), limits), refusedWith(400));
  let pulled = 0;
  const endless = new ReadableStream({
    pull: (controller) => (pulled++, controller.enqueue(new Uint8Array(30))),
  });
  await assert.rejects(readBody(request(endless), limits), refusedWith(413));
  assert.ok(pulled <= 6, `${pulled} parts were read`);
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("cut")) });
  await assert.rejects(readBody(request(broken), limits), refusedWith(400));
  let cancelled = false;
  const silent = new ReadableStream({ cancel: () => void (cancelled = true) });
  await assert.rejects(readBody(request(silent), limits), refusedWith(408));
  assert.ok(cancelled);
});

Deno.test("Recent keeps the latest things and disposes the others", async () => {
  const gone: string[] = [];
  const make = (key: string) => () =>
    Promise.resolve({ key, [Symbol.dispose]: () => void gone.push(key) });
  {
    using recent = new Recent<{ key: string } & Disposable>(2);
    for (const key of ["a", "b", "a", "c"]) {
      assert.equal((await recent.get(key, make(key))).key, key);
    }
    assert.deepEqual(gone, ["b"]);
    assert.equal(recent.size, 2);
  }
  assert.deepEqual(gone, ["b", "a", "c"]);
});

Deno.test("Metrics writes what Prometheus reads", () => {
  const metrics = new Metrics();
  metrics.answered("/v1/restore", 200, 0.03);
  metrics.answered("/v1/restore", 200, 20);
  metrics.answered("other", 404, 0.001);
  metrics.batches.observe(3);
  const lines = metrics.format({ active: 2, waiting: 1, memory: 5e8 }).trimEnd().split("\n");
  const sample = /^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[\d.e+-]+$/;
  for (const line of lines) {
    assert.ok(
      /^# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))$/.test(line) ||
        sample.test(line) || line === "",
      line,
    );
  }
  for (
    const line of [
      'realign_requests_total{endpoint="/v1/restore",status="200"} 2',
      'realign_request_seconds_bucket{endpoint="/v1/restore",le="0.025"} 0',
      'realign_request_seconds_bucket{endpoint="/v1/restore",le="0.05"} 1',
      'realign_request_seconds_bucket{endpoint="/v1/restore",le="+Inf"} 2',
      'realign_request_seconds_sum{endpoint="/v1/restore"} 20.03',
      'realign_batch_images_bucket{le="2"} 0',
      'realign_batch_images_bucket{le="4"} 1',
      "realign_batch_images_count 1",
      "realign_active_requests 2",
      "realign_queue_length 1",
      "process_resident_memory_bytes 500000000",
      "realign_restored_images_total 0",
    ]
  ) assert.ok(lines.includes(line), line);
});

Deno.test("openApiDocument is an OpenAPI 3.1 document without loose ends", () => {
  const document = openApiDocument(routesOf(true));
  assert.match(document.openapi as string, /^3\.1\.\d+$/);
  const { paths, info, components: { schemas } } = JSON.parse(JSON.stringify(document));
  assert.ok(info.title && info.version);
  const names = Array.from(
    JSON.stringify(paths).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g),
    ([, name]) => name,
  );
  assert.ok(names.length > 10 && names.every((name) => name in schemas));
  const ids = new Set<string>();
  for (const [path, item] of Object.entries<Record<string, Operation>>(paths)) {
    assert.match(path, /^\/[\w./]+$/);
    for (const [method, operation] of Object.entries(item)) {
      assert.match(method, /^(get|post)$/);
      assert.ok(!ids.has(operation.operationId));
      ids.add(operation.operationId);
      assert.equal(operation.requestBody !== undefined, method === "post");
      for (const { name, in: place, schema } of operation.parameters ?? []) {
        assert.ok(name && /^(query|header)$/.test(place) && schema);
      }
      for (const [status, { description }] of Object.entries(operation.responses)) {
        assert.match(status, /^[2-5]\d\d$/);
        assert.ok(description, `${path} ${status}`);
      }
    }
  }
  const unknown = { method: "GET", path: "/none" } as const;
  assert.throws(() => openApiDocument([unknown]), /Cannot document GET \/none/);
});

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; schema: object }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { description: string }>>;
}
