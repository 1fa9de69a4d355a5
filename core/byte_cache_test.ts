import assert from "node:assert/strict";
import { ByteCache } from "./byte_cache.ts";

const create = (limit: number) => new ByteCache<string, number>(limit, (size) => size);

Deno.test("ByteCache forgets what was used longest ago once values no longer fit", () => {
  const cache = create(20);
  cache.set("a", 10);
  cache.set("b", 10);
  assert.equal(cache.get("a"), 10);
  cache.set("c", 10); // b goes
  assert.deepEqual(["a", "b", "c"].map((key) => cache.get(key)), [10, undefined, 10]);
});

Deno.test("ByteCache counts a key that is set again once", () => {
  const cache = create(20);
  for (const size of [15, 5, 10]) cache.set("a", size);
  cache.set("b", 10);
  assert.deepEqual([cache.get("a"), cache.get("b")], [10, 10]);
});

Deno.test("ByteCache keeps the latest value however large it is", () => {
  const cache = create(1);
  cache.set("large", 100);
  assert.equal(cache.get("large"), 100);
  cache.set("next", 200);
  assert.deepEqual([cache.get("large"), cache.get("next")], [undefined, 200]);
});
