import classification from "@realign/classification";
import { createDefense } from "@realign/core/defenses";
import { createRandom } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { join } from "node:path";
import { RunStore } from "../runs/run_store.ts";
import { Output } from "../terminal/output.ts";
import { samplePreset, withStore } from "../testing.ts";
import type { openFitting } from "./fitted.ts";
import { openKit } from "./systems.ts";
import { Workbench } from "./workbench.ts";

const loaded = { plugin: classification, specifier: "", digest: "1" };
const chain = [{ name: "quilting", patches: 50 }];
const fit = "checkpoints/fit-patches-5-50-final.safetensors";

async function openBench(training = false): Promise<Workbench> {
  await useTestBackend();
  const options = { data: undefined, training };
  return await Workbench.open(samplePreset, loaded, options, new Output(false));
}

/** The version of a quilting, which tells its patches. */
async function versionOf(
  parts: Parameters<typeof openFitting>[0],
  store?: RunStore,
): Promise<string> {
  using kit = openKit(parts, store);
  using defense = await createDefense(chain, kit);
  const images = tf.fill<tf.Rank.R4>([1, 8, 8, 3], 0.5);
  tf.dispose([images, await defense.restore(images, createRandom(1))]);
  return defense.version!;
}

/** The same run, whose training split has a digest. */
const startedWith = (store: RunStore, train: string) =>
  store.update({ digests: { ...store.record.digests, train } });

Deno.test("patches of a run are those of its training split and seed, with a run or without", () =>
  withStore(async (store) => {
    using bench = await openBench();
    using training = await openBench(true);
    await startedWith(store, training.train!.digest);
    const version = await versionOf(bench, store);
    assert.equal(await versionOf(bench), version);
    assert.equal(await versionOf(training), version);
    const seeded = { ...samplePreset, seed: 2 };
    assert.notEqual(
      await versionOf({ preset: seeded, openTraining: bench.openTraining }),
      version,
    );
  }));

Deno.test("patches are kept with the run, for commands that have no data too, and made again where they are damaged", () =>
  withStore(async (store) => {
    using bench = await openBench();
    await startedWith(store, (await bench.openTraining()).digest);
    await assert.rejects(
      versionOf({ preset: samplePreset }, store),
      /Cannot find the patches-5-50 .* realign evaluate .* --systems NAME$/,
    );
    const version = await versionOf(bench, store);
    assert.equal(await versionOf({ preset: samplePreset }, store), version);
    const never = () => Promise.reject(new Error("opened"));
    assert.equal(await versionOf({ preset: samplePreset, openTraining: never }, store), version);
    const path = join(store.folder, fit);
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.with(bytes.length - 3, bytes.at(-3)! ^ 1));
    assert.equal(await versionOf(bench, store), version);
    assert.deepEqual(await Deno.readFile(path), bytes);
  }));

Deno.test("patches of another training split are refused, and a run that is only read stays as it is", () =>
  withStore(async (store) => {
    using bench = await openBench();
    const out = await Deno.makeTempDir();
    try {
      await startedWith(store, (await bench.openTraining()).digest);
      using reading = await RunStore.read(store.folder, store.folder, () => {}, out);
      await versionOf(bench, reading);
      await assert.rejects(Deno.stat(join(store.folder, fit)), Deno.errors.NotFound);
      await startedWith(store, "other");
      await assert.rejects(versionOf(bench, store), /differs from the one .* set its folder/);
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  }));
