import assert from "node:assert/strict";
import { compareRobustness, compareTensors, compareTerms } from "./agreement.ts";

Deno.test("compareTerms() takes rounding, and more of it once weights have moved", () => {
  const ours = [{ task: 2, total: 5 }, { task: 1.9, total: 4 }];
  const theirs = [{ task: 2.0001, total: 5 }, { task: 1.9, total: 4.02 }];
  const { steps } = compareTerms("torch", ours, theirs);
  assert.deepEqual(steps.map(({ term }) => term), ["task", "total"]);
  assert.equal(steps[1].difference.toFixed(4), "0.0050");
});

Deno.test("compareTerms() names a term that is another, or that a peer lacks", () => {
  assert.throws(
    () => compareTerms("torch", [{ task: 2 }], [{ task: 2.1 }]),
    /Cannot compare with torch as "task" of step 0 must be 2.1 within 0.0001: ours is 2/,
  );
  assert.throws(() => compareTerms("torch", [{ task: 2 }], [{}]), /"task" of step 0/);
  assert.throws(() => compareTerms("torch", [{ task: NaN }], [{ task: 2 }]), /ours is NaN/);
});

Deno.test("compareRobustness() holds attacks to the ball and to each other's success", () => {
  const limits = { tolerance: 0.05, epsilon: 0.031 };
  const of = (value: number, perturbation = 0.031) => ({ value, perturbation });
  compareRobustness("foolbox", of(0.5), of(0.54), limits);
  assert.throws(
    () => compareRobustness("foolbox", of(0.5), of(0.6), limits),
    /Cannot compare with foolbox as the accuracy under attack must be 0.6 within 0.05: ours is 0.5/,
  );
  assert.throws(
    () => compareRobustness("foolbox", of(0.5), of(0.5, 0.04), limits),
    /moved a pixel by 0.04/,
  );
});

Deno.test("compareTensors() takes rounding, and names what differs by more or is missing", () => {
  const of = (...data: number[]) =>
    new Map([["logits", { shape: [data.length], data: Float32Array.from(data) }]]);
  const { logits } = compareTensors("torch", of(3, 4.00025), of(3, 4));
  assert.equal(logits.toFixed(6), "0.000050");
  assert.throws(
    () => compareTensors("torch", of(3, 4.125), of(3, 4)),
    /Cannot compare with torch as "logits" must match theirs within 0.0001 of its length: it differs by 0.025/,
  );
  assert.throws(() => compareTensors("torch", of(NaN), of(1)), /differs by NaN/);
  assert.throws(() => compareTensors("torch", of(1), new Map()), /must have undefined numbers/);
});
