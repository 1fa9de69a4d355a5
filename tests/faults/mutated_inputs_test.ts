/**
 * Files changed at random, by seed: each gives one line that says what is wrong, or a result that is
 * valid; no crash, no hang, nothing half-written.
 */
import {
  createGenerator,
  createRandom,
  formatSafetensors,
  type Generator,
  loadWeights,
} from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import { decodePicture, encodeJpeg, encodePng, openDataset } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { CacheStore } from "../../cli/runs/cache_store.ts";
import { CheckpointFolder } from "../../cli/runs/checkpoint_folder.ts";
import { runHere, sampleEvaluation, sampleRun } from "../../cli/testing.ts";
import { RunStore } from "../../cli/runs/run_store.ts";
import { mutations } from "./counts.ts";
import { mutate } from "./mutations.ts";
import { filesIn, withFolder } from "./small_run.ts";

const SEED = 11;
/** Milliseconds after which reading a small file counts as hanging, on a busy machine too. */
const PATIENCE = 60_000;

/** Fails unless a promise ends soon, and if it fails, with one line. */
async function endsWell(promise: Promise<void>, what: string): Promise<"valid" | "refused"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `${what} hangs` })),
      PATIENCE,
    );
  });
  try {
    await Promise.race([promise, late]);
    return "valid";
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof Error, `${what}: ${error}`);
    assert.match(error.message, /^Cannot [^\n]+$/, what);
    return "refused";
  } finally {
    clearTimeout(timer);
  }
}

/** Tries `times` mutations; some must be noticed. */
async function tryAll(
  times: number,
  what: string,
  original: (turn: number) => Uint8Array,
  use: (changed: Uint8Array<ArrayBuffer>, turn: number) => Promise<void>,
): Promise<void> {
  let refused = 0;
  for (let turn = 0; turn < times; turn++) {
    const changed = mutate(original(turn), createRandom(SEED, what, turn));
    if (await endsWell(use(changed, turn), `${what} ${turn}`) === "refused") refused++;
  }
  assert.ok(refused > times / 10, `${refused} of ${times} were noticed`);
}

const settings = { width: 2, blocks: 1, downsamplings: 1, size: [8, 8] } as const;
const createSmall = (): Generator =>
  createGenerator({ ...settings, norm: "none", upsampling: "resize" }, createRandom(1));

Deno.test(`${mutations.weights} mutated weights load whole or not at all`, async () => {
  await useTestBackend();
  using generator = createSmall();
  const bytes = formatSafetensors(await generator.parameters.export(), { preset: "none" });
  await tryAll(mutations.weights, "weights", () => bytes, async (changed) => {
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
      const changed = mutate(whole, createRandom(SEED, "checkpoints", turn));
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
    const store = new CacheStore(folder, () => {});
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at * 7);
    await store.write("part", bytes);
    const path = join(folder, "part");
    const whole = await Deno.readFile(path);
    for (let turn = 0; turn < mutations.cacheParts; turn++) {
      const changed = mutate(whole, createRandom(SEED, "parts", turn));
      await Deno.writeFile(path, changed);
      const read = await store.read("part");
      if (read) assert.deepEqual(read, bytes, `part ${turn}`);
    }
  }));

Deno.test(`${mutations.records} mutated JSON files of a run give a report, or one line and exit code 1`, () =>
  withFolder(async (runs) => {
    const store = await RunStore.create(runs, {
      ...sampleRun,
      digests: { test: "d" },
      environment: { deno: "2" },
    }, () => {});
    const { id, folder } = store;
    const metric = { name: "accuracy", value: 0.5, count: 8, interval: [0.2, 0.8] };
    const row = { threatModel: "oblivious", attack: "PGD", system: "none", metric, seconds: 1 };
    await store.writeJson("evaluation.json", {
      ...sampleEvaluation,
      rows: [{ ...row, settings: { name: "pgd", epsilon: 0.031 }, maxPerturbation: 0.031 }],
    });
    const losses = { task: 1 };
    for (const step of [0, 1]) {
      const line = { stage: "train", step, epoch: 0, learningRate: 1, seconds: 1, losses } as const;
      await store.metrics.append(line);
    }
    store[Symbol.dispose]();
    const names = ["run.json", "evaluation.json", "metrics.jsonl"];
    const originals = await Promise.all(names.map((name) => Deno.readFile(join(folder, name))));
    const report = ["report", folder, "--runs", runs];
    assert.equal((await runHere(report)).code, 0);
    let refused = 0;
    for (let turn = 0; turn < mutations.records; turn++) {
      const which = turn % names.length;
      const path = join(folder, names[which]);
      await Deno.writeFile(path, mutate(originals[which], createRandom(SEED, "records", turn)));
      const { code, error } = await runHere(report);
      await Deno.writeFile(path, originals[which]);
      if (code === 0) continue;
      refused++;
      assert.equal(code, 1, `${names[which]} ${turn}: ${error}`);
      assert.match(error, /^error: Cannot [^\n]+\n$/, `${names[which]} ${turn}`);
    }
    assert.ok(refused > mutations.records / 10);
    const expected = ["evaluation.json", "lock", "metrics.jsonl", "report.html", "run.json"];
    assert.deepEqual(await filesIn(folder), expected, `half-written files of ${id}`);
  }));

Deno.test(`${mutations.pictures} mutated pictures are decoded or named`, async () => {
  const pixels = Uint8Array.from({ length: 12 * 10 * 3 }, (_, at) => (at * 37) % 256);
  const picture = { height: 12, width: 10, pixels };
  const files = [await encodePng(picture), await encodeJpeg(picture, 80)];
  await tryAll(mutations.pictures, "pictures", (turn) => files[turn % 2], async (changed) => {
    const { height, width, pixels } = await decodePicture(changed, { name: "mutated" });
    assert.equal(pixels.length, height * width * 3);
  });
});

Deno.test(`${mutations.labels} mutated files of labelled pictures are read or named`, () =>
  withFolder(async (root) => {
    const names = new TextEncoder().encode("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    const records = Uint8Array.from(
      { length: 4 * 3073 },
      (_, at) => at % 3073 === 0 ? Math.floor(at / 3073) : at % 256,
    );
    const originals = [records, names, records];
    const paths = ["test_batch.bin", "batches.meta.txt", "data_batch_1.bin"]
      .map((name) => join(root, name));
    await Promise.all(paths.map((path, index) => Deno.writeFile(path, originals[index])));
    await tryAll(
      mutations.labels,
      "labels",
      (turn) => originals[turn % 3],
      async (changed, turn) => {
        const which = turn % 3;
        await Deno.writeFile(paths[which], changed);
        try {
          for (const split of ["train", "test"] as const) {
            const dataset = await openDataset("cifar10", split, { root });
            for (let index = 0; index < dataset.length; index++) {
              const { picture, annotation } = await dataset.read(index);
              assert.equal(picture.pixels.length, 3072);
              assert.ok(annotation.class in dataset.classNames);
            }
          }
        } finally {
          await Deno.writeFile(paths[which], originals[which]);
        }
      },
    );
  }));
