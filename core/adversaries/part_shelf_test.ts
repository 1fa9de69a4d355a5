import assert from "node:assert/strict";
import type { CachePart } from "./cache_part.ts";
import { PartShelf } from "./part_shelf.ts";

const partOf = (bytes: number): CachePart => ({
  first: 0,
  count: 1,
  perturbations: new Int8Array(bytes),
  featureShape: [0, 0],
  features: new Float32Array(),
});

Deno.test("PartShelf puts aside what was used longest ago, and reads it again", async () => {
  const read: string[] = [];
  const shelf = new PartShelf(20);
  const put = (name: string, bytes: number) =>
    shelf.put(name, partOf(bytes), () => {
      read.push(name);
      return Promise.resolve(partOf(bytes));
    });
  for (const name of ["a", "b"]) put(name, 10);
  await shelf.get("a");
  put("c", 10); // b goes
  for (const name of ["a", "c"]) await shelf.get(name);
  assert.deepEqual(read, []);
  await shelf.get("b"); // a goes
  await shelf.get("c");
  assert.deepEqual(read, ["b"]);
  await shelf.get("a");
  assert.deepEqual(read, ["b", "a"]);
});

Deno.test("PartShelf holds one part however large it is, and lets a failure through", async () => {
  const shelf = new PartShelf(1);
  shelf.put("large", partOf(100), () => Promise.reject(new Error("gone")));
  assert.equal((await shelf.get("large")).perturbations.length, 100);
  shelf.put("next", partOf(100), () => Promise.reject(new Error("gone")));
  await assert.rejects(shelf.get("large"), /gone/);
});
