import assert from "node:assert/strict";
import { wilsonInterval } from "./interval.ts";
import { assertClose } from "../testing/mod.ts";

Deno.test("wilsonInterval has the ends where the proportion is 1.96 deviations away", () => {
  // An end p of the interval solves (successes / count - p)^2 = z^2 p (1 - p) / count.
  for (const [successes, count] of [[1, 7], [50, 100], [9321, 10000]]) {
    for (const end of wilsonInterval(successes, count)) {
      const distance = Math.abs(successes / count - end);
      assertClose([distance / Math.sqrt(end * (1 - end) / count)], [1.959964], 1e-6);
    }
  }
});

Deno.test("wilsonInterval stays within 0 and 1 where all or none succeed", () => {
  const [none, all] = [wilsonInterval(0, 20), wilsonInterval(20, 20)];
  assert.equal(none[0], 0);
  assert.equal(all[1], 1);
  assertClose([none[1], all[0]], [0.1611, 0.8389], 1e-4);
});

Deno.test("wilsonInterval refuses what is no proportion", () => {
  for (const [successes, count] of [[0, 0], [2, 1], [-1, 3], [NaN, 3]]) {
    assert.throws(() => wilsonInterval(successes, count), RangeError);
  }
});

Deno.test("wilsonInterval agrees with published numbers", () => {
  // Newcombe 1998, Table I, method 3.
  assertClose(wilsonInterval(81, 263), [0.2553, 0.3662], 1e-4);
  assertClose(wilsonInterval(15, 148), [0.0624, 0.1605], 1e-4);
  assertClose(wilsonInterval(1, 29), [0.0061, 0.1718], 1e-4);
});
