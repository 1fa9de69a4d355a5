import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertNoLeak, useTestBackend } from "../testing/mod.ts";
import { createPatchSearch } from "./patch_search.ts";

await useTestBackend();

/** Numbers and, in float64, what is nearest. */
function makeCase(count: number, size: number, queries: number, whole: boolean) {
  const levels = (name: string, length: number, round: boolean) =>
    createRandom(1, name).uniforms(length, 0, 255).map((value) =>
      round ? Math.round(value) : value
    );
  const data = levels("patches", count * size, true);
  const asked = levels("queries", queries * size, whole);
  const distance = (query: number, patch: number) => {
    let sum = 0;
    for (let at = 0; at < size; at++) {
      sum += (asked[query * size + at] - data[patch * size + at]) ** 2;
    }
    return sum;
  };
  const nearest = (query: number, neighbours: number) =>
    [...Array(count).keys()].map((patch) => ({ patch, distance: distance(query, patch) }))
      .sort((a, b) => a.distance - b.distance || a.patch - b.patch).slice(0, neighbours)
      .map(({ patch }) => patch);
  return { patches: { shape: [count, size], data }, asked, nearest };
}

Deno.test("createPatchSearch finds what a search of all patches finds, over blocks, in order", async () => {
  for (const [count, neighbours, whole] of [[5000, 1, true], [5000, 4, false], [3, 4, true]]) {
    const { patches, asked, nearest } = makeCase(Number(count), 12, 7, Boolean(whole));
    using search = createPatchSearch(patches, Number(neighbours));
    assert.equal(search.neighbours, Math.min(Number(neighbours), Number(count)));
    const found = await search.find(asked);
    const expected = [...Array(7).keys()].flatMap((query) => nearest(query, search.neighbours));
    assert.deepEqual([...found], expected);
  }
});

Deno.test("createPatchSearch tells whole levels apart by one, and takes the first of equals", async () => {
  const size = 75;
  const data = new Float32Array(4 * size).fill(255);
  data[0] = 254;
  data[2 * size + 5] = 254;
  using search = createPatchSearch({ shape: [4, size], data }, 2);
  assert.deepEqual([...await search.find(new Float32Array(size).fill(255))], [1, 3]);
  await assertNoLeak(() => search.find(new Float32Array(2 * size)));
});
