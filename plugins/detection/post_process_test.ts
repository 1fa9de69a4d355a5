import { createRandom } from "@realign/core";
import assert from "node:assert/strict";
import { type Detection, findBoxes } from "./post_process.ts";
import { listPriors, smallLayout } from "./priors.ts";

const random = createRandom(1, "post-process");

function overlap(a: readonly number[], b: readonly number[]): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (c: readonly number[]) => (c[2] - c[0]) * (c[3] - c[1]);
  return width * height / (area(a) + area(b) - width * height);
}

function rawOf(priors: Float32Array, classCount: number, deviation = 2) {
  const count = priors.length / 4;
  return {
    priors,
    logits: random.normals(count * (classCount + 1), deviation),
    offsets: random.normals(count * 4, 1),
  };
}

/** The same by definition, without any saving. */
function findByHand(
  { logits, offsets, priors }: ReturnType<typeof rawOf>,
  K: number,
  { threshold = 0.01, candidates = 400, limit = 0.45, most = 200 } = {},
): Detection[] {
  const P = priors.length / 4;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const boxOf = (p: number) => {
    const [cx, cy, w, h] = priors.subarray(4 * p, 4 * p + 4);
    const [dx, dy, dw, dh] = offsets.subarray(4 * p, 4 * p + 4);
    const [x, y] = [cx + dx * 0.1 * w, cy + dy * 0.1 * h];
    const [width, height] = [w * Math.exp(dw * 0.2), h * Math.exp(dh * 0.2)];
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2].map(clip) as [
      number,
      number,
      number,
      number,
    ];
  };
  const found: Detection[] = [];
  for (let index = 0; index < K; index++) {
    const scored = Array.from({ length: P }, (_, p) => {
      const exps = Array.from(logits.subarray(p * (K + 1), (p + 1) * (K + 1)), Math.exp);
      return { p, score: exps[index + 1] / exps.reduce((sum, value) => sum + value, 0) };
    }).filter(({ score }) => score > threshold);
    scored.sort((a, b) => b.score - a.score);
    const kept: Detection[] = [];
    for (const { p, score } of scored.slice(0, candidates)) {
      const box = boxOf(p);
      if (kept.every((other) => overlap(other.box, box) <= limit)) {
        kept.push({ box, class: index, score });
      }
    }
    found.push(...kept);
  }
  return found.sort((a, b) => b.score - a.score).slice(0, most);
}

Deno.test("findBoxes is softmax, threshold, top candidates and non-maximum suppression by class", () => {
  const priors = listPriors(smallLayout([8, 4, 2, 1]));
  for (const [K, settings] of [[3, {}], [1, {}], [5, { threshold: 0.3 }]] as const) {
    const raw = rawOf(priors, K);
    const actual = findBoxes(raw, K, { ...settings, candidates: 30, detections: 50 });
    const expected = findByHand(raw, K, { ...settings, candidates: 30, most: 50 });
    assert.equal(actual.length, expected.length);
    actual.forEach(({ box, class: index, score }, place) => {
      assert.equal(index, expected[place].class);
      assert.ok(Math.abs(score - expected[place].score) < 1e-6);
      box.forEach((side, axis) => assert.ok(Math.abs(side - expected[place].box[axis]) < 1e-5));
    });
  }
});

Deno.test("findBoxes with threshold 0 leaves nothing out for its score", () => {
  const priors = listPriors(smallLayout([2, 1]));
  const raw = rawOf(priors, 2, 20);
  const all = findBoxes(raw, 2, { threshold: 0, overlap: 1, detections: 1000 });
  assert.equal(all.length, 2 * priors.length / 4);
});

Deno.test("findBoxes finds nothing in numbers that are none", () => {
  const priors = Float32Array.of(0.5, 0.5, 0.5, 0.5);
  const nan = { priors, logits: Float32Array.of(NaN, NaN), offsets: new Float32Array(4) };
  assert.deepEqual(findBoxes(nan, 1), []);
  const lost = { priors, logits: Float32Array.of(0, 5), offsets: Float32Array.of(NaN, 0, 0, 0) };
  assert.deepEqual(findBoxes(lost, 1), []);
});

Deno.test("findBoxes keeps what overlaps no better box of its class by more than the limit", () => {
  const corners = [
    [0, 0, 1, 1],
    [0, 0, 1, 0.5],
    [0.5, 0.5, 1, 1],
    [0.5, 0.55, 1, 1],
  ];
  const priors = Float32Array.from(
    corners.flatMap(([x1, y1, x2, y2]) => [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]),
  );
  const logits = Float32Array.from(corners.flatMap((_, index) => [0, 9 - index, -9]));
  const raw = { priors, logits, offsets: new Float32Array(priors.length) };
  const kept = (overlap: number) =>
    findBoxes(raw, 2, { overlap }).map(({ box }) =>
      corners.findIndex((other) => other.every((side, axis) => Math.abs(side - box[axis]) < 1e-6))
    );
  assert.deepEqual(kept(0.5), [0, 1, 2]);
  assert.deepEqual(kept(0.45), [0, 2]);
  assert.deepEqual(kept(1), [0, 1, 2, 3]);
});
