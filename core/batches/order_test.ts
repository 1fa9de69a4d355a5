import assert from "node:assert/strict";
import { createOrder, evaluationIndices } from "./order.ts";

Deno.test("createOrder visits every example once an epoch and drops what does not fill a batch", () => {
  const order = createOrder(11, 3, 5);
  for (let epoch = 0; epoch < 4; epoch++) {
    const seen = [0, 1, 2].flatMap((step) => {
      const batch = order(epoch * 3 + step);
      assert.equal(batch.epoch, epoch);
      return [...batch.indices];
    });
    assert.equal(new Set(seen).size, 9);
    assert.ok(seen.every((index) => index < 11));
  }
});

Deno.test("createOrder gives other orders in other epochs and for other seeds", () => {
  const epoch = (seed: number, number: number) => [...createOrder(64, 64, seed)(number).indices];
  assert.notDeepEqual(epoch(1, 0), epoch(1, 1));
  assert.notDeepEqual(epoch(1, 0), epoch(2, 0));
});

Deno.test("createOrder answers the same whatever was asked before", () => {
  const order = createOrder(20, 4, 9);
  const forward = Array.from({ length: 15 }, (_, step) => order(step));
  for (const step of [14, 3, 7, 0, 11]) {
    assert.deepEqual(order(step), forward[step]);
    assert.deepEqual(createOrder(20, 4, 9)(step), forward[step]);
  }
});

Deno.test("createOrder hands out copies, which a caller may change", () => {
  const order = createOrder(8, 4, 1);
  const before = [...order(0).indices];
  order(0).indices.fill(0);
  assert.deepEqual([...order(0).indices], before);
});

Deno.test("createOrder refuses a batch larger than the set, or not an integer", () => {
  assert.equal(createOrder(8, 8, 1)(1).epoch, 1);
  for (const size of [9, 0, 2.5, NaN]) {
    assert.throws(() => createOrder(8, size, 1), /from 1 to the 8 examples: current value is/);
  }
});

Deno.test("evaluationIndices goes through the set in order and pads the last batch only", () => {
  assert.deepEqual([...evaluationIndices(7, 3, 0).indices], [0, 1, 2]);
  assert.equal(evaluationIndices(7, 3, 0).count, 3);
  assert.deepEqual([...evaluationIndices(7, 3, 2).indices], [6, 6, 6]);
  assert.equal(evaluationIndices(7, 3, 2).count, 1);
  assert.throws(() => evaluationIndices(7, 3, 3), RangeError);
  assert.throws(() => evaluationIndices(7, 3, -1), RangeError);
});
