/** Quantiles and bounds against SciPy 1.17, sums of binomial probabilities, and their own promise. */
import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { certificateOf, largestRadius } from "./certificate.ts";
import { certifiedAccuracy } from "./certified_accuracy.ts";
import { clopperPearsonLower } from "./clopper_pearson.ts";
import { incompleteBeta } from "./incomplete_beta.ts";
import { fillWithNoise } from "./noise.ts";
import { normalQuantile } from "./normal_quantile.ts";

function assertClose(actual: number, expected: number, tolerance = 1e-10): void {
  const difference = Math.abs(actual - expected);
  assert.ok(difference <= tolerance * Math.abs(expected), `${actual} is not ${expected}`);
}

Deno.test("normalQuantile() agrees with SciPy", () => {
  const golden = [
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798409],
    [1e-6, -4.753424308822899],
    [0.001, -3.090232306167813],
    [0.02425, -1.972961051311885],
    [0.25, -0.6744897501960817],
    [0.6, 0.2533471031357997],
    [0.975, 1.959963984540054],
    [0.999, 3.090232306167813],
    [0.9993094630026, 3.198577514742557],
    [1 - 1e-12, 7.0344869100478356],
  ];
  for (const [p, expected] of golden) assertClose(normalQuantile(p), expected, 1e-14);
});

Deno.test("incompleteBeta() agrees with SciPy", () => {
  const golden = [
    [0.5, 0.5, 0.5, 0.5],
    [0.3, 20, 50, 0.617490751618768],
    [0.999, 9990, 11, 0.583039760629257],
  ];
  for (const [x, a, b, expected] of golden) assertClose(incompleteBeta(x, a, b), expected, 1e-9);
});

Deno.test("clopperPearsonLower() agrees with SciPy, and is alpha^(1/n) for n of n", () => {
  const golden = [
    [1, 10, 0.05, 0.005116196891823701],
    [8, 10, 0.05, 0.4930986989367976],
    [99, 100, 0.001, 0.9113731112960424],
    [5100, 10_000, 0.001, 0.4944993067265927],
    [9990, 10_000, 0.001, 0.9975883080325683],
    [9999, 10_000, 0.001, 0.9990770386693395],
    [60_000, 100_000, 0.001, 0.5952010472945846],
    [999, 1_000_000, 1e-6, 0.0008559506270792547],
    [7, 10, 0.6, 0.6816038285233357],
  ];
  for (const [successes, count, alpha, expected] of golden) {
    assertClose(clopperPearsonLower(successes, count, alpha), expected);
  }
  assert.equal(clopperPearsonLower(10_000, 10_000, 0.001), 0.001 ** (1 / 10_000));
});

Deno.test("normalQuantile() is odd around 1/2, endless at the ends, and refuses what is no probability", () => {
  for (const p of [0.001, 0.1, 0.3]) assertClose(normalQuantile(1 - p), -normalQuantile(p));
  assert.deepEqual([normalQuantile(0), normalQuantile(1)], [-Infinity, Infinity]);
  assert.throws(() => normalQuantile(1.1), /must be in \[0, 1\]: current value is 1\.1/);
  assert.throws(() => normalQuantile(NaN), RangeError);
});

Deno.test("incompleteBeta() is the tail of the binomial distribution", () => {
  for (const [k, n, p] of [[3, 10, 0.2], [1, 5, 0.9], [18, 20, 0.7], [20, 20, 0.5]]) {
    let [tail, coefficient] = [0, 1];
    for (let successes = 0; successes <= n; successes++) {
      if (successes >= k) tail += coefficient * p ** successes * (1 - p) ** (n - successes);
      coefficient *= (n - successes) / (successes + 1);
    }
    assertClose(incompleteBeta(p, k, n - k + 1), tail, 1e-12);
  }
  assert.throws(() => incompleteBeta(2, 1, 1), RangeError);
});

Deno.test("clopperPearsonLower() fails no more often than alpha, for proportions near its worst", () => {
  const [count, trials] = [50, 4000];
  for (const alpha of [0.05, 0.2]) {
    for (const share of [0.3, 0.5, 0.9, 0.99]) {
      const random = createRandom(7, "coverage", `${alpha} ${share}`);
      let failures = 0;
      for (let trial = 0; trial < trials; trial++) {
        let successes = 0;
        for (let draw = 0; draw < count; draw++) successes += random.next() < share ? 1 : 0;
        if (clopperPearsonLower(successes, count, alpha) > share) failures++;
      }
      const chance = 3 * Math.sqrt(alpha / trials);
      assert.ok(failures / trials <= alpha + chance, `${failures} of ${trials} at ${share}`);
      // Not for want of courage either: of so few trials a step is about a third of alpha.
      if (share === 0.5) assert.ok(failures / trials > alpha / 3, `${failures} of ${trials}`);
    }
  }
});

Deno.test("clopperPearsonLower() refuses what are no counts or no chance of failure", () => {
  assert.throws(() => clopperPearsonLower(3, 2, 0.1), /current value is 3 of 2/);
  assert.throws(() => clopperPearsonLower(0.5, 2, 0.1), RangeError);
  assert.throws(() => clopperPearsonLower(1, 2, 0), /alpha must be between 0 and 1/);
});

Deno.test("certificateOf() abstains up to a bound of 1/2, and takes the class of the first draws only", () => {
  const settings = { sigma: 0.5, draws: 1000, alpha: 0.001 };
  // SciPy: 550 successes are the fewest whose bound is above 1/2.
  assert.equal(certificateOf([0, 9], [451, 549], settings).radius, null);
  const least = certificateOf([0, 9], [450, 550], settings).radius!;
  assert.ok(least > 0 && least < 0.001, `${least}`);
  const misled = certificateOf([9, 1], [10, 990], settings);
  assert.deepEqual(misled, { class: 0, count: 10, radius: null });
  assert.throws(() => certificateOf([1], [1], { ...settings, sigma: 0 }), /sigma must be/);
  assert.equal(
    certificateOf([0, 9], [0, 1000], settings).radius,
    largestRadius(settings),
  );
});

Deno.test("certifiedAccuracy() has intervals around its figures, and refuses no images", () => {
  const certificates = Array.from({ length: 40 }, (_, index) => ({
    class: 0,
    label: index < 30 ? 0 : 1,
    count: 1,
    radius: index % 2 === 0 ? 0.4 : 0.2,
  }));
  const { shares, averageRadius, abstained } = certifiedAccuracy(certificates, [0, 0.2, 0.3, 0.5]);
  assert.deepEqual(shares.map(({ value }) => value), [0.75, 0.75, 0.375, 0]);
  for (const { value, interval: [low, high] } of shares) assert.ok(low <= value && value < high);
  assertClose(averageRadius.value, 0.75 * 0.3);
  const { interval: [low, high] } = averageRadius;
  assertClose(high - averageRadius.value, averageRadius.value - low);
  assert.equal(abstained, 0);
  assert.throws(() => certifiedAccuracy([], [0]), RangeError);
});

Deno.test("fillWithNoise() draws from the normal distribution, also in its tails", () => {
  const noise = new Float32Array(200_001);
  fillWithNoise(noise, 2, createRandom(5));
  for (const p of [0.001, 0.02, 0.16, 0.5, 0.84, 0.98, 0.999]) {
    const below = noise.filter((value) => value < 2 * normalQuantile(p)).length / noise.length;
    assert.ok(
      Math.abs(below - p) < 4 * Math.sqrt(p * (1 - p) / noise.length),
      `${below} instead of ${p}`,
    );
  }
  const product = noise.subarray(0, 200_000)
    .reduce((sum, value, at) => at % 2 === 0 ? sum + value * noise[at + 1] : sum, 0);
  assert.ok(Math.abs(product / 100_000) < 4 * 4 / Math.sqrt(100_000), `${product / 100_000}`);
});
