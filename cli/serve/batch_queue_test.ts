import assert from "node:assert/strict";
import { BatchQueue } from "./batch_queue.ts";

/** A queue that doubles numbers and remembers its batches. */
function doubling(most: number, wait: number) {
  const batches: number[][] = [];
  const state = { running: 0, together: 0 };
  const queue = new BatchQueue<number>({ wait, most: () => most });
  const compute = async (items: readonly number[]) => {
    state.together = Math.max(state.together, ++state.running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    batches.push([...items]);
    state.running--;
    if (items.includes(-1)) throw new RangeError("Cannot double -1");
    return items.map((item) => 2 * item);
  };
  const add = (
    item: number,
    options: { key?: string; alone?: boolean; signal?: AbortSignal } = {},
  ) => queue.add(item, { key: "double", compute, ...options });
  return { batches, state, queue, add };
}

Deno.test("BatchQueue computes items of one key together, in order, one batch at a time", async () => {
  const { batches, state, queue, add } = doubling(3, 5);
  const keys = ["a", "a", "b", "a", "a", "b", "a"];
  const results = keys.map((key, item) => add(item, { key }));
  assert.equal(queue.length, 7);
  assert.deepEqual(await Promise.all(results), [0, 2, 4, 6, 8, 10, 12]);
  // The full one first, then as they came.
  assert.deepEqual(batches, [[0, 1, 3], [2, 5], [4, 6]]);
  assert.equal(state.together, 1);
  assert.equal(queue.length, 0);
});

Deno.test("BatchQueue does not make a lone item wait for long, nor others for it", async () => {
  const { batches, add } = doubling(8, 30);
  const begun = performance.now();
  const slow = add(1);
  assert.equal(await add(2, { alone: true }), 4);
  assert.equal(await slow, 2);
  assert.ok(performance.now() - begun >= 29);
  assert.deepEqual(batches, [[2], [1]]);
});

Deno.test("BatchQueue fails a batch as a whole and goes on; aborted items are not computed", async () => {
  const { batches, add } = doubling(2, 1);
  const failed = await Promise.allSettled([add(-1), add(5)]);
  assert.ok(failed.every((one) => one.status === "rejected" && one.reason instanceof RangeError));
  const signal = AbortSignal.abort(new Error("gone"));
  const [gone, kept] = await Promise.allSettled([add(6, { signal }), add(7)]);
  assert.deepEqual([gone.status, kept], ["rejected", { status: "fulfilled", value: 14 }]);
  await assert.rejects(add(8, { signal }), /gone/);
  assert.deepEqual(batches, [[-1, 5], [7]]);
});
