import assert from "node:assert/strict";
import { noStorage } from "./cache_storage.ts";
import { fillShare } from "./cache_share.ts";
import { createAttack } from "../attacks/mod.ts";
import { victimOf } from "../evaluate/victim.ts";
import {
  batchesOf,
  createCache,
  EPSILON,
  LENGTH,
  seed,
  target,
  task,
} from "../testing/attack_cache.ts";
import { assertNoLeak } from "../testing/mod.ts";

/** A storage that tells what it has. */
function memory() {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    read: (name: string) => Promise.resolve(kept.get(name)),
    write: (name: string, bytes: Uint8Array) => Promise.resolve(void kept.set(name, bytes.slice())),
    remove: (name: string) => Promise.resolve(void kept.delete(name)),
  };
}

const settings = { name: "pgd", epsilon: EPSILON, steps: 2 };
const cut = { batchSize: 6, batchesPerPart: 2 };

/** Fills a share, up to a number of batches. */
async function fill(
  storage: ReturnType<typeof memory> | typeof noStorage,
  index: number,
  count: number,
  most = Infinity,
): Promise<number[]> {
  using attack = createAttack(settings, victimOf({ task, target }));
  const source = { task, target, attack, length: LENGTH, size: [8, 8] as const, passes: 2, seed };
  const done: number[] = [];
  for await (const progress of fillShare(source, batchesOf, storage, cut, { index, count })) {
    if (done.push(progress.done) === most) break;
  }
  return done;
}

Deno.test("shares of an attack cache are bit for bit the parts that one process makes", async () => {
  const own = memory();
  using alone = createCache();
  for await (const _ of alone.cache.fill(batchesOf, own, cut.batchesPerPart));
  assert.equal(own.kept.size, 4, "two parts in each of two passes, of 12 and 8 examples");
  const shared = memory();
  assert.deepEqual(await fill(shared, 2, 3), [6, 12], "part 2 of 4, the first of pass 1");
  // A share that was stopped within a part goes on there.
  assert.deepEqual(await fill(shared, 1, 3, 1), [6]);
  assert.deepEqual(await fill(shared, 1, 3), [6, 8]);
  assert.deepEqual(await fill(shared, 0, 3), [6, 12, 18, 20]);
  assert.deepEqual(await fill(shared, 0, 3), [12, 20], "what is there is not made again");
  assert.deepEqual([...shared.kept.keys()].sort(), [...own.kept.keys()].sort());
  for (const [name, bytes] of own.kept) assert.deepEqual(shared.kept.get(name), bytes, name);
  using merged = createCache();
  for await (const _ of merged.cache.fill(batchesOf, shared, cut.batchesPerPart));
  assert.equal(merged.counter.calls, 0);
});

Deno.test("fillShare leaves no tensor behind", () =>
  assertNoLeak(async () => {
    await fill(noStorage, 1, 2);
  }));
