import type { EvaluationRow } from "@realign/core";
import { selectBackend } from "@realign/core/backend";
import assert from "node:assert/strict";
import { withStore } from "../testing.ts";
import { ResultCache } from "./cache_key.ts";

const code = { plugin: "depth", digest: "1" };
const facts = { seed: 1, version: "1" };

/** Keeps a byte under the first facts, and looks for it under others. */
async function findAgain(other: {
  readonly code?: { readonly plugin: string; readonly digest: string | undefined };
  readonly facts?: object;
  readonly backend?: "wasm";
}): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    await selectBackend("cpu");
    await new ResultCache(folder, code, () => {}).images("attacks", facts).write(
      "a",
      Uint8Array.of(1),
    );
    if (other.backend) await selectBackend(other.backend);
    const cache = new ResultCache(folder, other.code ?? code, () => {});
    return await cache.images("attacks", other.facts ?? facts).read("a") !== undefined;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("ResultCache finds images again by all that made them, and by nothing less", async () => {
  assert.equal(await findAgain({}), true);
  assert.equal(await findAgain({ code: { plugin: "depth", digest: "2" } }), false);
  assert.equal(await findAgain({ code: { plugin: "width", digest: "1" } }), false);
  assert.equal(await findAgain({ facts: { ...facts, version: "2" } }), false);
  assert.equal(await findAgain({ backend: "wasm" }), false);
});

Deno.test("ResultCache keeps nothing where it is off, or where code cannot be told from other code", () =>
  withStore(async (store) => {
    const folder = await Deno.makeTempDir();
    const unknown = { plugin: "depth", digest: undefined };
    for (
      const cache of [
        new ResultCache("off", code, () => {}),
        new ResultCache(folder, unknown, () => {}),
      ]
    ) {
      const images = cache.images("evaluated", facts);
      await images.write("a", Uint8Array.of(1));
      assert.equal(await images.read("a"), undefined);
      assert.equal(await cache.columns(store, facts), undefined);
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    await Deno.remove(folder);
  }));

Deno.test("ResultCache takes measured columns of the same code only", () =>
  withStore(async (store) => {
    await selectBackend("cpu");
    const row: EvaluationRow = {
      threatModel: "none",
      attack: "clean",
      settings: null,
      system: "none",
      metric: { name: "accuracy", value: 0.5, count: 2 },
      maxPerturbation: 0,
      seconds: 1,
    };
    const open = (digest: string) =>
      new ResultCache("cache", { plugin: "depth", digest }, () => {}).columns(store, facts);
    await (await open("1"))!.add(0, [row]);
    assert.deepEqual((await open("1"))!.at(0), [row]);
    assert.equal((await open("2"))!.at(0), undefined);
  }));
