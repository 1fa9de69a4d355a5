/**
 * Requests that are meant to do harm: each is refused with one line, and the service goes on.
 */
import { createRandom } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { encodeJpeg, encodePng, encodeWebp } from "@realign/datasets";
import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { pictureOf, type TestService, withService } from "./testing.ts";

await useTestBackend();

type Bytes = Uint8Array<ArrayBuffer>;

const encoded = async (encode: typeof encodePng, number = 1) =>
  await encode(pictureOf(number)) as Bytes;
const png = await encoded(encodePng);
const jpeg = await encoded((picture) => encodeJpeg(picture, 90));
const webp = await encoded(encodeWebp);

/** Sends a body, and gives the status and the error's line. */
async function send(
  { url }: Pick<TestService, "url">,
  body: BodyInit,
  headers: Record<string, string> = {},
  path = "/v1/restore",
): Promise<{ status: number; error: string | undefined }> {
  const response = await fetch(`${url}${path}`, { method: "POST", body, headers });
  if (response.ok) {
    await response.body?.cancel();
    return { status: response.status, error: undefined };
  }
  const { error } = await response.json();
  assert.match(error, /^Cannot [^\n]*$/);
  return { status: response.status, error };
}

/** A part of a PNG. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(12 + data.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, data.length);
  whole.set(new TextEncoder().encode(type), 4);
  whole.set(data, 8);
  view.setUint32(8 + data.length, crc32(whole.subarray(4, 8 + data.length)));
  return whole;
}

/** A PNG that says it is large, and has few or many pixels. */
function bomb(width: number, height: number, rows: number): Bytes {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, 2], 8);
  const pixels = new Uint8Array(deflateSync(new Uint8Array(rows * (1 + 3 * width))));
  const parts = [
    ...[png.subarray(0, 8), chunk("IHDR", head), chunk("IDAT", pixels)],
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Sends bytes over a socket, waits, and gives what comes back until the connection ends. */
async function sendRaw({ url }: TestService, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  let answer = "";
  const decoder = new TextDecoder();
  const part = new Uint8Array(4096);
  for (let length = await connection.read(part); length; length = await connection.read(part)) {
    answer += decoder.decode(part.subarray(0, length), { stream: true });
    if (/\}\n/.test(answer)) break;
  }
  return answer;
}

Deno.test("serve refuses pictures that are damaged, too large, or none", async () => {
  await withService(async (service) => {
    for (const [name, file] of Object.entries({ png, jpeg, webp })) {
      assert.equal((await send(service, file)).status, 200, name);
      for (const share of [0.3, 0.6, 0.9]) {
        const { status } = await send(service, file.slice(0, Math.ceil(share * file.length)));
        assert.equal(status, 422, `${share} of a ${name}`);
      }
    }
    const bombs = [[100_000, 100_000, 1], [10_000, 10_000, 100], [257, 256, 256]] as const;
    for (const [width, height, rows] of bombs) {
      const { status, error } = await send(service, bomb(width, height, rows));
      assert.ok(
        status === 413 || width === 100_000 && status === 422,
        `${width}: ${status} ${error}`,
      );
    }
    assert.equal((await send(service, bomb(256, 256, 256))).status, 200);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    for (const body of ["no picture", "GIF89a", svg, "%PDF-1.7", "\x00"]) {
      assert.equal((await send(service, body, { "content-type": "image/png" })).status, 415, body);
    }
    for (const type of ["text/plain", "application/json", "multipart/form-data; boundary=x"]) {
      assert.equal((await send(service, png, { "content-type": type })).status, 415, type);
    }
    const untold = { "content-type": "application/x-www-form-urlencoded" };
    assert.equal((await send(service, png, untold)).status, 200, "as curl sends a file");
    const gzip = { "content-type": "image/png", "content-encoding": "gzip" };
    assert.equal((await send(service, png, gzip)).status, 415);
    for (const query of ["?seed=-1", "?seed=x", "?seed=1e99"]) {
      assert.equal((await send(service, png, {}, `/v1/restore${query}`)).status, 400, query);
    }
    assert.equal((await send(service, png, {}, "/v1/predict?defended=maybe")).status, 400);
    const nan = new Uint8Array(new Float32Array(12).fill(NaN).buffer);
    const tensor = { "content-type": "application/octet-stream", "tensor-shape": "2,2,3" };
    assert.equal((await send(service, nan, tensor)).status, 422);
    assert.equal((await send(service, new Uint8Array(48), tensor)).status, 200);
    for (const path of ["/../../etc/passwd", "/v1/restore/..%2f..%2frun.json", "/run.json"]) {
      assert.equal((await send(service, png, {}, path)).status, 404, path);
    }
    assert.deepEqual(service.reports, []);
  });
});

Deno.test("serve cuts long bodies and gives up on slow ones", async () => {
  await withService(async (service) => {
    assert.equal((await send(service, new Uint8Array(5001))).status, 413);
    const head = "POST /v1/restore HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\n";
    const slow = await sendRaw(service, `${head}content-length: 100\r\n\r\nabc`);
    assert.match(slow, /^HTTP\/1\.1 408 [^]*Cannot wait for the body longer than 0\.3 seconds/);
    const claimed = await sendRaw(service, `${head}content-length: 99999999999\r\n\r\n`);
    assert.match(claimed, /^HTTP\/1\.1 413 /);
    const endless = `${head}transfer-encoding: chunked\r\n\r\n${
      `ff\r\n${"x".repeat(255)}\r\n`.repeat(40)
    }`;
    assert.match(await sendRaw(service, endless), /^HTTP\/1\.1 413 /);
    for (const host of ["[::", "a b", "%", ""]) {
      const odd = `POST /v1/restore HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 1\r\n\r\nx`;
      assert.match(await sendRaw(service, odd), /^(HTTP\/1\.1 4\d\d |$)/, host);
    }
    const { hostname, port } = new URL(service.url);
    for (let count = 0; count < 20; count++) {
      // Half a body, and gone.
      using connection = await Deno.connect({ hostname, port: Number(port) });
      await connection.write(new TextEncoder().encode(`${head}content-length: 100\r\n\r\nabc`));
    }
    assert.equal((await send(service, png)).status, 200);
    await until(async () => /^realign_active_requests 0$/m.test(await metricsOf(service)));
    assert.deepEqual(service.reports, []);
  }, { maxBytes: 5000, bodyTimeout: 0.3 });
});

const metricsOf = async ({ url }: TestService) => await (await fetch(`${url}/metrics`)).text();

/** Waits until something holds; at most five seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < 100; count++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("it never held");
}

Deno.test("serve answers what a flood leaves room for, and refuses the rest", async () => {
  await withService(async (service) => {
    const answers = await Promise.all(Array.from({ length: 60 }, async () => {
      const response = await fetch(`${service.url}/v1/restore`, { method: "POST", body: png });
      await response.body?.cancel();
      return { status: response.status, retry: response.headers.get("retry-after") };
    }));
    const refused = answers.filter(({ status }) => status === 503);
    assert.equal(answers.filter(({ status }) => status === 200).length, 60 - refused.length);
    assert.ok(refused.length >= 20 && refused.length <= 56, `${refused.length} were refused`);
    assert.ok(refused.every(({ retry }) => Number(retry) >= 1));
    assert.equal((await send(service, png)).status, 200);
    const metrics = await metricsOf(service);
    const line = `realign_requests_total{endpoint="/v1/restore",status="503"} ${refused.length}`;
    assert.ok(metrics.split("\n").includes(line), metrics);
  }, { queue: 4, batchWait: 300, predict: false });
});

Deno.test("serve computes nothing for clients that have gone", async () => {
  await withService(async (service) => {
    const controller = new AbortController();
    const { signal } = controller;
    const answers = Array.from({ length: 6 }, (_, index) =>
      fetch(`${service.url}/v1/restore`, {
        method: "POST",
        body: png,
        signal: index < 4 ? signal : undefined,
      }).then(async (response) => {
        await response.body?.cancel();
        return response.status;
      }, () => 0));
    await until(async () => /^realign_queue_length 6$/m.test(await metricsOf(service)));
    controller.abort();
    assert.deepEqual(await Promise.all(answers), [0, 0, 0, 0, 200, 200]);
    assert.match(await metricsOf(service), /^realign_batch_images_sum 2$/m);
    assert.deepEqual(service.reports, []);
  }, { batchWait: 1500, predict: false });
});

Deno.test("serve survives 200 mutated requests", async () => {
  await withService(async (service) => {
    const random = createRandom(7, "mutated");
    const draw = (most: number) => Math.floor(random.next() * most);
    const statuses = new Map<number, number>();
    for (let count = 0; count < 200; count++) {
      const file = [png, jpeg, webp][count % 3];
      const body = file.slice(0, draw(4) === 0 ? draw(file.length) + 1 : file.length);
      for (let flips = draw(8); flips >= 0; flips--) body[draw(body.length)] = draw(256);
      const type =
        ["image/png", "", "application/octet-stream", "text/plain", "image/\x7f"][draw(20) % 5];
      const headers: Record<string, string> = {
        "content-type": type,
        accept: ["*/*", "image/*", "x", ";;,"][draw(4)],
      };
      const path = [
        "/v1/restore",
        "/v1/predict",
        "/v1/restore?shape=1,1,3",
        "/v1/predict?defended=false",
      ][draw(4)];
      try {
        const { status } = await send(service, body, headers, path);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      } catch (error) {
        // What is no header never leaves the client.
        if (!(error instanceof TypeError)) throw error;
      }
    }
    const known = [200, 400, 406, 413, 415, 422];
    assert.deepEqual([...statuses.keys()].filter((status) => !known.includes(status)), []);
    assert.ok((statuses.get(422) ?? 0) > 10, JSON.stringify([...statuses]));
    assert.equal((await send(service, png)).status, 200);
    assert.deepEqual(service.reports, []);
  });
});

Deno.test("serve holds no more tensors after 200 requests, of many sizes too", async () => {
  await withService(async (service) => {
    const restore = async (count: number, height: (number: number) => number) => {
      for (let number = 0; number < count; number++) {
        const picture = await encodePng(pictureOf(number, height(number), 8)) as Bytes;
        assert.equal((await send(service, picture)).status, 200);
      }
    };
    // More sizes than are kept.
    const sizes = () => restore(18, (number) => 4 + number);
    await sizes();
    const before = tf.memory().numTensors;
    await restore(164, () => 8);
    await sizes();
    assert.equal(tf.memory().numTensors, before);
    for (const path of ["/v1/predict", "/v1/predict?defended=false"]) {
      assert.equal((await send(service, png, {}, path)).status, 200);
    }
    assert.equal(tf.memory().numTensors, before);
  });
});

Deno.test("serve waits no longer than it is told for requests in flight", async () => {
  await withService(async (service) => {
    const inFlight = send(service, png);
    await until(async () => /^realign_active_requests 1$/m.test(await metricsOf(service)));
    assert.equal(await service.stop(0.02), false);
    assert.equal((await inFlight).status, 200);
  }, { batchWait: 800, predict: false });
});

Deno.test("serve ends with its requests in flight answered, and takes no others", async () => {
  await withService(async (service) => {
    const inFlight = send(service, png);
    await until(async () => /^realign_active_requests 1$/m.test(await metricsOf(service)));
    const stopped = service.stop(5);
    assert.equal((await inFlight).status, 200);
    assert.equal(await stopped, true);
    await assert.rejects(send(service, png), TypeError);
    const request = () => new Request("http://x/v1/restore", { method: "POST", body: png });
    const refused = await service.handle(request());
    assert.equal(refused.status, 503);
    assert.equal((await service.handle(new Request("http://x/ready"))).status, 503);
  }, { batchWait: 400, predict: false });
});
