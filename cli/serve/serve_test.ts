import { decodePicture, encodeJpeg, encodePng, encodeWebp } from "@realign/datasets";
import { assertClose, useTestBackend } from "@realign/core/testing";
import type { Preset } from "@realign/core";
import { presets as detection } from "@realign/detection";
import { presets as segmentation } from "@realign/segmentation";
import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { runHere, samplePreset } from "../testing.ts";
import { fromPicture } from "./image.ts";
import { formatTensor } from "./tensors.ts";
import { pictureOf, type TestService, withService } from "./testing.ts";

await useTestBackend();

const png = async (number: number, height?: number, width?: number) =>
  await encodePng(pictureOf(number, height, width)) as Uint8Array<ArrayBuffer>;

const post = (url: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body, headers });

/** A tensor of pictures. */
const tensorOf = (numbers: readonly number[]) =>
  formatTensor(
    numbers.map((number) => {
      const image = fromPicture(pictureOf(number));
      return { ...image, values: Float32Array.from(image.values, (value) => value / 255) };
    }),
    true,
  ).bytes;

const raw = { "content-type": "application/octet-stream", accept: "application/octet-stream" };

/** The pixels of an answered picture. */
const pixelsOf = async (response: Response) => {
  assert.equal(response.status, 200, response.ok ? "" : await response.clone().text());
  return (await decodePicture(new Uint8Array(await response.arrayBuffer()))).pixels;
};

/** Batches of other sizes add up in another order: a value may be rounded to its neighbour. */
function assertNear(pixels: Uint8Array, wanted: Uint8Array): void {
  assert.equal(pixels.length, wanted.length);
  const differences = wanted.map((value, index) => Math.abs(value - pixels[index]));
  assert.ok(differences.every((difference) => difference <= 1));
  assert.ok(differences.filter((difference) => difference > 0).length < wanted.length / 100);
}

Deno.test("serve restores what defend restores, batched or not, at any size", async () => {
  await withService(async ({ url, folder }) => {
    const numbers = Array.from({ length: 16 }, (_, index) => index);
    const sizes = numbers.map((number) => number % 4 === 3 ? [20, 12] : [16, 16]);
    const input = await Deno.makeTempDir();
    try {
      for (const number of numbers) {
        await Deno.writeFile(join(input, `${number}.png`), await png(number, ...sizes[number]));
      }
      const out = join(input, "out");
      const { code, error } = await runHere([
        ...["defend", basename(folder), "--runs", dirname(folder), "--out", out],
        ...numbers.map((number) => join(input, `${number}.png`)),
      ]);
      assert.equal(code, 0, error);
      const wanted = await Promise.all(
        numbers.map(async (number) => (await decodePicture(join(out, `${number}.png`))).pixels),
      );
      assert.ok(wanted.every((pixels, at) => at === 0 || `${pixels}` !== `${wanted[at - 1]}`));

      const ask = async (number: number) =>
        await pixelsOf(await post(`${url}/v1/restore`, await png(number, ...sizes[number])));
      for (const number of numbers) assert.deepEqual(await ask(number), wanted[number]);
      const together = await Promise.all(numbers.map(ask));
      together.forEach((pixels, number) => assertNear(pixels, wanted[number]));
      const metrics = await (await fetch(`${url}/metrics`)).text();
      assert.match(metrics, /^realign_restored_images_total 32$/m);
      const batches = Number(/^realign_batch_images_count (\d+)$/m.exec(metrics)![1]);
      assert.ok(batches < 32, `${batches} batches of 32 images`);
    } finally {
      await Deno.remove(input, { recursive: true });
    }
  });
});

Deno.test("serve takes PNG, JPEG, WebP and tensors, and gives what Accept names", async () => {
  await withService(async ({ url }) => {
    const picture = pictureOf(3);
    const wanted = await pixelsOf(
      await post(`${url}/v1/restore`, await encodePng(picture) as Uint8Array<ArrayBuffer>),
    );
    const at = `${url}/v1/restore`;
    const webp = await encodeWebp(picture) as Uint8Array<ArrayBuffer>;
    // By content: the type that is told may be another picture's.
    assert.deepEqual(await pixelsOf(await post(at, webp, { "content-type": "image/png" })), wanted);
    const lossless = await post(at, webp, { accept: "image/webp, image/png;q=0.5" });
    assert.equal(lossless.headers.get("content-type"), "image/webp");
    assert.deepEqual(await pixelsOf(lossless), wanted);
    const jpeg = await encodeJpeg(picture, 90) as Uint8Array<ArrayBuffer>;
    const lossy = await post(at, jpeg, { accept: "image/jpeg" });
    assert.equal(lossy.headers.get("content-type"), "image/jpeg");
    assert.equal((await pixelsOf(lossy)).length, wanted.length);

    const tensor = await post(`${at}?shape=2,16,16,3`, tensorOf([3, 4]), raw);
    assert.equal(tensor.headers.get("tensor-shape"), "2,16,16,3");
    const values = new Float32Array(await tensor.arrayBuffer());
    assert.equal(values.length, 2 * wanted.length);
    const rounded = Uint8ClampedArray.from(
      values.subarray(0, wanted.length),
      (value) => 255 * value,
    );
    assertNear(new Uint8Array(rounded), wanted);
    const one = await post(at, tensorOf([3]), { ...raw, "tensor-shape": "16,16,3" });
    assert.equal(one.headers.get("tensor-shape"), "16,16,3");
    assertClose(new Float32Array(await one.arrayBuffer()), values.slice(0, wanted.length), 1e-5);
    const drawn = await post(at, tensorOf([3]), {
      ...raw,
      accept: "*/*",
      "tensor-shape": "16,16,3",
    });
    assert.deepEqual(await pixelsOf(drawn), wanted);
    const batch = await post(`${at}?shape=2,16,16,3`, tensorOf([3, 4]), {
      ...raw,
      accept: "image/*",
    });
    assert.equal(batch.status, 406);
    assert.match((await batch.json()).error, /^Cannot answer a batch with a picture/);
    assert.equal((await post(at, webp, { accept: "text/html" })).status, 406);
  });
});

Deno.test("serve predicts with O, behind its defense and alone", async () => {
  await withService(async ({ url, reports }) => {
    const at = `${url}/v1/predict`;
    const ask = async (query: string, body: BodyInit, headers = {}) => {
      const response = await post(`${at}${query}`, body, headers);
      assert.equal(response.status, 200, response.ok ? "" : await response.clone().text());
      return await response.json();
    };
    const body = tensorOf([1, 2, 3]);
    const restored = await (await post(`${url}/v1/restore?shape=3,16,16,3`, body, raw))
      .arrayBuffer();
    const defended = await ask("?shape=3,16,16,3", body, raw);
    assert.equal(defended.predictions.length, 3);
    assert.match(defended.predictions[0].text, /^\w+ \d+ %$/);
    // O behind its defense says what O alone says of restored images.
    const alone = await ask("?shape=3,16,16,3&defended=false", restored, raw);
    assert.deepEqual([defended.defended, alone.defended], [true, false]);
    assert.deepEqual(alone.predictions, defended.predictions);
    const single = await ask("", await png(2));
    assert.deepEqual(single.predictions, defended.predictions.slice(1, 2));
    assert.deepEqual(reports, []);
  });
});

Deno.test("serve gives the label maps and boxes that tasks draw", async () => {
  const shrunk = (preset: Preset, side: number, target: Partial<Preset["target"]>): Preset => ({
    ...preset,
    dataset: { ...preset.dataset, size: [side, side] },
    target: { ...preset.target, ...target },
    generator: { ...preset.generator, width: 4, blocks: 1, size: [side, side] },
  });
  const predict = async ({ url, reports }: TestService) => {
    const response = await post(`${url}/v1/predict`, await png(1, 24, 32));
    assert.equal(response.status, 200, response.ok ? "" : await response.clone().text());
    const { predictions: [prediction] } = await response.json();
    assert.equal(typeof prediction.text, "string");
    assert.deepEqual(reports, []);
    return prediction;
  };
  const pspnet = { architecture: "pspnet-resnet18-w0.1", size: [33, 33] } as const;
  await withService(
    async (service) => {
      const { labelMap } = await predict(service);
      const classes = Uint8Array.fromBase64(labelMap.classes);
      assert.equal(classes.length, labelMap.height * labelMap.width);
      assert.ok(classes.every((one) => one < labelMap.names.length));
    },
    {},
    shrunk(segmentation["seg-shapes"], 32, pspnet),
  );
  await withService(
    async (service) => {
      const { boxes } = await predict(service);
      assert.ok(boxes.length > 0);
      for (const { box, name, score } of boxes) {
        assert.equal(box.length, 4);
        assert.ok(typeof name === "string" && score > 0 && score <= 1);
      }
    },
    {},
    shrunk(detection["det-shapes"], 64, {}),
  );
});

Deno.test("serve says what it is, and answers exactly what its document says", async () => {
  for (const predict of [true, false]) {
    await withService(async ({ url, folder }) => {
      const about = await (await fetch(`${url}/ready`)).json();
      assert.equal(about.run, basename(folder));
      assert.deepEqual(about.size, [16, 16]);
      assert.equal(about.classNames?.length, predict ? 8 : undefined);
      assert.deepEqual(await (await fetch(`${url}/health`)).json(), { status: "ok" });
      const { paths } = await (await fetch(`${url}/openapi.json`)).json();
      assert.deepEqual(Object.keys(paths), [
        ...["/v1/restore", ...predict ? ["/v1/predict"] : []],
        ...["/health", "/ready", "/metrics", "/openapi.json"],
      ]);
      for (
        const path of [
          "/v1/restore",
          "/v1/predict",
          "/health",
          "/ready",
          "/metrics",
          "/openapi.json",
        ]
      ) {
        for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH"]) {
          const response = await fetch(`${url}${path}`, { method });
          await response.body?.cancel();
          const documented = Object.hasOwn(paths[path] ?? {}, method.toLowerCase());
          // A POST without a body is known, and refused for that.
          const status = !paths[path] ? 404 : !documented ? 405 : method === "POST" ? 400 : 200;
          assert.equal(response.status, status, `${method} ${path}`);
          if (status === 405) {
            assert.equal(response.headers.get("allow"), Object.keys(paths[path])[0].toUpperCase());
          }
        }
      }
    }, { predict });
  }
});

Deno.test("serve draws by a seed for each request, which gives the same answer again", async () => {
  const systems = { shaken: { defenses: [{ name: "random-resize-pad", smallest: 0.5 }] } };
  const { evaluation } = samplePreset;
  const preset = { ...samplePreset, evaluation: { ...evaluation, systems } };
  await withService(
    async ({ url, folder }) => {
      const ask = async (query = "") => {
        const response = await post(`${url}/v1/restore${query}`, await png(5));
        return { seed: response.headers.get("seed"), pixels: await pixelsOf(response) };
      };
      const answers = await Promise.all([ask(), ask(), ask(), ask()]);
      assert.equal(new Set(answers.map(({ seed }) => seed)).size, 4);
      assert.ok(new Set(answers.map(({ pixels }) => `${pixels}`)).size > 1);
      assert.deepEqual(await ask(`?seed=${answers[1].seed}`), answers[1]);

      const out = await Deno.makeTempDir();
      try {
        const file = join(out, "one.png");
        await Deno.writeFile(file, await png(5));
        const { code, error } = await runHere([
          ...["defend", folder, file, "--out", join(out, "restored"), "--system", "shaken"],
        ]);
        assert.equal(code, 0, error);
        const wanted = await decodePicture(join(out, "restored", "one.png"));
        assert.deepEqual((await ask(`?seed=${preset.seed}`)).pixels, wanted.pixels);
      } finally {
        await Deno.remove(out, { recursive: true });
      }
    },
    { system: "shaken", predict: false },
    preset,
  );
});
