/**
 * Files of numbers changed at random, by seed: weights, checkpoints, cached images, TensorFlow's wheel.
 */
import {
  createGenerator,
  createRandom,
  formatSafetensors,
  type Generator,
  loadWeights,
} from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CacheStore } from "../../cli/runs/cache_store.ts";
import { CheckpointFolder } from "../../cli/runs/checkpoint_folder.ts";
import { openPart, packPart } from "../../core/adversaries/cache_part.ts";
import { unpackWheel } from "../../core/backend/tensorflow/unpack_wheel.ts";
import { npy, npz } from "../../datasets/testing.ts";
import { mutations } from "./counts.ts";
import { mutate, tryAll } from "./mutations.ts";
import { filesIn } from "./small_run.ts";
import { withFolder } from "../../cli/testing_folder.ts";

const settings = { width: 2, blocks: 1, downsamplings: 1, size: [8, 8] } as const;
const createSmall = (): Generator =>
  createGenerator({ ...settings, norm: "none", upsampling: "resize" }, createRandom(1));

/** The same weights in half as many bits, rounded towards zero. */
function inBfloat16(bytes: Uint8Array): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  for (const entry of Object.values<{ dtype?: string; data_offsets?: number[] }>(header)) {
    if (!entry.data_offsets) continue;
    Object.assign(entry, { dtype: "BF16", data_offsets: entry.data_offsets.map((at) => at / 2) });
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const data = bytes.slice(8 + length).filter((_, at) => at % 4 >= 2);
  const size = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
  return Uint8Array.from([...size, ...text, ...data]);
}

Deno.test(`${mutations.weights} mutated weights load whole or not at all`, async () => {
  await useTestBackend();
  using generator = createSmall();
  const bytes = formatSafetensors(await generator.parameters.export(), { preset: "none" });
  await tryAll(mutations.weights, "weights", [bytes, inBfloat16(bytes)], async (changed) => {
    const before = await generator.parameters.export();
    try {
      loadWeights({ name: "G", parameters: generator.parameters }, changed, "mutated.safetensors");
    } catch (error) {
      assert.deepEqual(await generator.parameters.export(), before, "it changed all the same");
      throw error;
    }
    for (const { data } of (await generator.parameters.export()).values()) {
      assert.ok(data.every(Number.isFinite), "a weight is not a number");
    }
    generator.parameters.import(before, "before");
  });
});

Deno.test(`${mutations.otherWeights} mutated files of other programs are no weights`, async () => {
  await useTestBackend();
  using generator = createSmall();
  const ascii = (text: string) => new TextEncoder().encode(text);
  const numbers = npy("<f4", [2], new Uint8Array(8));
  const files = [
    await npz({ w: numbers }),
    await npz({ "archive/data.pkl": numbers, "archive/version": numbers }, 6),
    // A pickle of an empty dictionary; the beginning of an ONNX model; of a TensorFlow Lite one.
    Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0x2e),
    Uint8Array.of(8, 8, 0x12, 4, ...ascii("test"), 0x3a, 6, 0x0a, 4, 0x0a, 2, ...ascii("wb")),
    ascii("\x1c\0\0\0TFL3 and more"),
    Uint8Array.of(0x89, ...ascii("HDF\r\n\x1a\n"), ...new Uint8Array(64)),
    new Uint8Array(gzipSync(ascii("compressed"))),
    ascii(`{"modelTopology": {"class_name": "Model"}, "weightsManifest": []}`),
    ascii("<!doctype html><title>Sign in</title>"),
    ascii("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
  ];
  const target = { name: "G", parameters: generator.parameters };
  await tryAll(mutations.otherWeights, "other weights", files, async (changed) => {
    await Promise.resolve().then(() => loadWeights(target, changed, "it's.bin"));
    assert.fail("weights were found in it");
  });
});

Deno.test(`${mutations.checkpoints} mutated checkpoints are passed over for the one before`, () =>
  withFolder(async (folder) => {
    const warnings: string[] = [];
    const checkpoints = new CheckpointFolder(folder, (text) => warnings.push(text));
    for (const step of [1, 2]) {
      const tensors = new Map([["weight", { shape: [3], data: Float32Array.of(step, 5, 6) }]]);
      await checkpoints.save("train", step, { tensors, metadata: { step: String(step) } });
    }
    const path = join(folder, "train-00000002.safetensors");
    const whole = await Deno.readFile(path);
    for (let turn = 0; turn < mutations.checkpoints; turn++) {
      const changed = mutate(whole, "checkpoints", turn);
      await Deno.writeFile(path, changed);
      const same = changed.length === whole.length &&
        changed.every((byte, at) => byte === whole[at]);
      const latest = await checkpoints.latest("train");
      assert.equal(latest?.step, same ? 2 : 1, `checkpoint ${turn}`);
      assert.equal(latest?.tensors.get("weight")?.data[0], same ? 2 : 1);
    }
    assert.ok(
      warnings.length > 0 && warnings.every((text) => /damaged .* skipped$/.test(text)),
    );
  }));

Deno.test(`${mutations.cacheParts} mutated parts of an attack cache count as absent`, () =>
  withFolder(async (folder) => {
    const place = { first: 0, pixels: 12, featureShape: [1, 2], batches: 2, most: 4 } as const;
    const made = {
      perturbations: new Int8Array(24).fill(5),
      features: Float32Array.of(1, 2, 3, 4),
    };
    const packed = packPart(place, [made, made]);
    const store = new CacheStore(folder, () => {});
    await store.write("part", packed);
    const path = join(folder, "part");
    const whole = await Deno.readFile(path);
    for (let turn = 0; turn < mutations.cacheParts; turn++) {
      // Every other time somebody has sealed it anew.
      if (turn % 2 === 0) await Deno.writeFile(path, mutate(whole, "parts", turn));
      else await store.write("part", mutate(packed, "parts", turn));
      const read = await store.read("part");
      if (read && turn % 2 === 0) assert.deepEqual(read, packed, `part ${turn}`);
      const part = read && openPart(read, place);
      if (!part) continue;
      assert.equal(part.perturbations.length, 12 * part.count, `part ${turn}`);
      assert.equal(part.features.length, 2 * part.count, `part ${turn}`);
    }
  }));

Deno.test(`${mutations.wheels} mutated wheels are unpacked whole or not at all`, () =>
  withFolder(async (folder) => {
    const contents: Readonly<Record<string, Uint8Array>> = {
      "nvidia/cublas/lib/libcublas.so.12": Uint8Array.from({ length: 900 }, (_, at) => at % 97),
      "nvidia/cublas/include/cublas.h": new TextEncoder().encode("#pragma once\n"),
      "cublas-1.dist-info/METADATA": new TextEncoder().encode("Name: cublas\nVersion: 1\n"),
    };
    const wheels = await Promise.all([0, 6].map(async (level) => {
      const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
      for (const [name, bytes] of Object.entries(contents)) {
        await zip.add(name, new Uint8ArrayReader(bytes), { level });
      }
      return await zip.close();
    }));
    const [path, target] = [join(folder, "x.whl"), join(folder, "target")];
    await tryAll(mutations.wheels, "wheels", wheels, async (changed) => {
      await Deno.remove(target, { recursive: true }).catch(() => {});
      await Deno.writeFile(path, changed);
      const wanted = (name: string) => /^nvidia\/.*\/(lib|bin)\//.test(name);
      const metadata = await unpackWheel(path, target, { wanted }).finally(async () => {
        const outside = (await filesIn(folder)).filter((name) => !/^(target|x\.whl)/.test(name));
        assert.deepEqual(outside, []);
      });
      assert.ok(metadata === "" || metadata.startsWith("Name: cublas"));
      for (const name of await filesIn(target)) {
        const unpacked = await Deno.readFile(join(target, name));
        assert.deepEqual(unpacked, contents["nvidia/cublas/lib/libcublas.so.12"], name);
      }
    });
  }));

Deno.test("unpackWheel() writes nothing outside of its folder", () =>
  withFolder(async (folder) => {
    const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
    await zip.add("nvidia/../../lib/evil.so", new Uint8ArrayReader(Uint8Array.of(1)));
    const path = join(folder, "x.whl");
    await Deno.writeFile(path, await zip.close());
    const wanted = (name: string) => /^nvidia\/.*\/(lib|bin)\//.test(name);
    await assert.rejects(
      unpackWheel(path, join(folder, "a", "b"), { wanted }),
      /^Error: Cannot unpack .*x\.whl: Unsafe filename$/,
    );
    assert.deepEqual(await filesIn(folder), ["x.whl"]);
  }));
