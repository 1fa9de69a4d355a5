import assert from "node:assert/strict";
import { join } from "node:path";
import { CacheStore } from "./cache_store.ts";

Deno.test("CacheStore gives back what was written, and nothing for what is damaged", async () => {
  const folder = await Deno.makeTempDir();
  const warnings: string[] = [];
  const store = new CacheStore(join(folder, "attacks"), (message) => warnings.push(message));
  const bytes = Uint8Array.of(1, 2, 3);
  assert.equal(await store.read("abc/0001"), undefined);
  await store.write("abc/0001", bytes);
  await store.write("abc/empty", new Uint8Array());
  assert.deepEqual([...(await store.read("abc/0001"))!], [1, 2, 3]);
  assert.equal((await store.read("abc/empty"))?.length, 0);
  assert.deepEqual(warnings, []);
  const path = join(folder, "attacks", "abc", "0001");
  const whole = await Deno.readFile(path);
  for (const damaged of [whole.slice(0, -1), whole.slice(0, 5), whole.with(33, 9)]) {
    await Deno.writeFile(path, damaged);
    assert.equal(await store.read("abc/0001"), undefined);
  }
  assert.equal(warnings.length, 3);
  assert.match(warnings[0], /0001 is damaged .* regenerated/);
  await store.write("abc/0001", bytes);
  assert.equal((await store.read("abc/0001"))?.length, 3);
  await assert.rejects(store.write("../outside", bytes), /must be words of letters/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("CacheStore.clear forgets all of a store, and nothing of others", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [one, other] = [1, 2].map((fact) => CacheStore.keyed(folder, { fact }, () => {}));
    for (const store of [one, other]) await store.write("0", Uint8Array.of(7));
    await one.clear();
    await one.clear();
    assert.equal(await one.read("0"), undefined);
    assert.deepEqual(await other.read("0"), Uint8Array.of(7));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("CacheStore.write does not fail as another process clears the same store", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [writer, other] = [1, 2].map(() => new CacheStore(join(folder, "a"), () => {}));
    let isWriting = true;
    const clearing = (async () => {
      while (isWriting) await other.clear();
    })();
    const failed: unknown[] = [];
    for (let index = 0; index < 40; index++) {
      await writer.write(`part/${index}`, new Uint8Array(1000)).catch((error) =>
        failed.push(error.message)
      );
    }
    isWriting = false;
    await clearing;
    assert.deepEqual(failed, []);
    await writer.write("part/0", Uint8Array.of(7));
    assert.deepEqual(await writer.read("part/0"), Uint8Array.of(7));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
