import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { lowestChoice, meanOfRatios, ratiosOf, type Summands } from "./ratios.ts";

/** Intersections and unions of 3 classes in random pictures under random attacks; each picture lacks some classes. */
function randomAttacks(seed: number, attacks: number, examples: number): Summands[][] {
  const random = createRandom(seed, "ratios");
  return Array.from(
    { length: attacks },
    () =>
      Array.from({ length: examples }, () =>
        [0, 1, 2].flatMap(() => {
          const union = random.next() < 0.3 ? 0 : 1 + random.integer(50);
          return [union === 0 ? 0 : random.integer(union + 1), union];
        })),
  );
}

const sumOf = (examples: readonly Summands[]) =>
  examples[0].map((_, place) => examples.reduce((sum, example) => sum + example[place], 0));

Deno.test("meanOfRatios leaves out ratios with nothing in them", () => {
  assert.deepEqual(ratiosOf([1, 2, 0, 0, 0, 5]), [0.5, null, 0]);
  assert.equal(meanOfRatios([1, 2, 0, 0, 0, 5]), 0.25);
  assert.equal(meanOfRatios([0, 0]), 0);
});

Deno.test("lowestChoice is no higher than any single attack, and as low as no single change can lower", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const attacks = randomAttacks(seed, 3, 6);
    const { chosen, sums } = lowestChoice(attacks);
    const taken = (choice: readonly number[]) =>
      sumOf(choice.map((attack, example) => attacks[attack][example]));
    assert.deepEqual(sums, taken(chosen));
    const value = meanOfRatios(sums);
    for (const examples of attacks) assert.ok(value <= meanOfRatios(sumOf(examples)));
    for (const example of chosen.keys()) {
      for (const attack of attacks.keys()) {
        assert.ok(meanOfRatios(taken(chosen.with(example, attack))) >= value - 1e-6);
      }
    }
  }
});

Deno.test("lowestChoice is nearly the best of all choices", () => {
  const found: number[] = [];
  for (let seed = 1; seed <= 20; seed++) {
    const attacks = randomAttacks(seed, 2, 8);
    let best = 1;
    for (let bits = 0; bits < 2 ** 8; bits++) {
      const examples = Array.from({ length: 8 }, (_, at) => attacks[bits >> at & 1][at]);
      best = Math.min(best, meanOfRatios(sumOf(examples)));
    }
    const value = meanOfRatios(lowestChoice(attacks).sums);
    assert.ok(value >= best - 1e-12);
    found.push(value - best);
  }
  assert.ok(Math.max(...found) < 0.05, `${found}`);
  assert.ok(found.filter((gap) => gap < 1e-9).length >= 10, `${found}`);
});
