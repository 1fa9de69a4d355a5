import assert from "node:assert/strict";
import { batchesOf, createCache, createStorage, fill } from "../testing/attack_cache.ts";

/** Fills until `steps` batches were made or read, in parts of three batches. */
async function fillSome(
  { cache }: ReturnType<typeof createCache>,
  storage: ReturnType<typeof createStorage>,
  steps: number,
): Promise<number[]> {
  const done: number[] = [];
  for await (const progress of cache.fill(batchesOf, storage, 3)) {
    done.push(progress.done);
    if (done.length === steps) break;
  }
  return done;
}

Deno.test("AttackCache stopped within a part keeps its batches and goes on to the same bytes", async () => {
  const [whole, stopped] = [createStorage(), createStorage()];
  using all = createCache();
  await fillSome(all, whole, Infinity);
  {
    using first = createCache();
    assert.deepEqual(await fillSome(first, stopped, 2), [6, 12]);
    assert.deepEqual([...stopped.files.keys()], ["draw-0-part-0-begun"]);
  }
  {
    using second = createCache();
    assert.deepEqual(await fillSome(second, stopped, 2), [12, 18]);
    assert.equal(second.counter.calls, 1, "only what is missing is made");
  }
  using third = createCache();
  await fillSome(third, stopped, Infinity);
  assert.equal(third.counter.calls + 3, all.counter.calls);
  assert.deepEqual([...stopped.files].sort(), [...whole.files].sort());
});

Deno.test("AttackCache makes a begun part anew that is of another cache", async () => {
  const storage = createStorage();
  using first = createCache();
  await fillSome(first, storage, 2);
  const [[name, bytes]] = storage.files;
  for (const broken of [bytes.slice(0, 40), bytes.slice(0, -1), new Uint8Array(3)]) {
    storage.files.clear();
    storage.files.set(name, broken);
    using other = createCache();
    assert.equal((await fill(other, storage))[0], 6);
  }
});
