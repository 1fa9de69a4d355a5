import { type Box, createRandom, type FoundBox } from "@realign/core";
import assert from "node:assert/strict";
import { createAveragePrecision, type Protocol } from "./average_precision.ts";

type Found = Required<FoundBox>;
type Four = [number, number, number, number];

const box = (
  edges: Four,
  { kind = 0, difficult = false, crowd = false } = {},
): Box => ({ box: edges, class: kind, difficult, ...(crowd && { crowd }) });
const found = (edges: Four, score: number, kind = 0): Found => ({
  box: edges,
  class: kind,
  score,
});
const valueOf = (
  protocol: Protocol,
  ...pictures: readonly (readonly [readonly Found[], readonly Box[]])[]
) => {
  const precision = createAveragePrecision(1, { protocol });
  for (const [detections, truth] of pictures) precision.add(detections, truth);
  return precision.result().value;
};

const left: Four = [0, 0, 0.5, 1];
const right: Four = [0.5, 0, 1, 1];
const top: Four = [0, 0, 1, 0.5];

for (const protocol of ["voc-11", "voc-area", "coco"] as const) {
  Deno.test(`createAveragePrecision, ${protocol}: all found is 1, nothing found 0`, () => {
    assert.equal(valueOf(protocol, [[found(left, 0.3)], [box(left)]]), 1);
    assert.equal(valueOf(protocol, [[], [box(left)]], [[], []]), 0);
    assert.equal(valueOf(protocol, [[found(top, 0.9)], [box(left)]]), 0);
  });

  Deno.test(`createAveragePrecision, ${protocol}: a second hit is false`, () => {
    const twice = [found(left, 0.9), found(left, 0.8), found(right, 0.7)];
    const value = valueOf(protocol, [twice, [box(left), box(right)]]);
    // Precision 1 up to recall 1/2, then 2/3; at recall 1/2 itself it is still 1.
    const samples = { "voc-11": [6, 5], "voc-area": [1, 1], coco: [51, 50] }[protocol];
    const expected = (samples[0] + samples[1] * 2 / 3) / (samples[0] + samples[1]);
    assert.ok(Math.abs(value - expected) < 1e-12, `${value} instead of ${expected}`);
  });

  Deno.test(`createAveragePrecision, ${protocol}: difficult boxes count neither way`, () => {
    const truth = [box(left, { difficult: true }), box(right)];
    assert.equal(valueOf(protocol, [[found(left, 0.9), found(right, 0.8)], truth]), 1);
    assert.equal(valueOf(protocol, [[found(right, 0.8)], truth]), 1);
    const none = createAveragePrecision(1, { protocol });
    none.add([found(left, 0.9)], [box(left, { difficult: true })]);
    assert.throws(() => none.result(), /^RangeError: Cannot compute the mAP as no box/);
  });
}

Deno.test("createAveragePrecision knows recall and precision of what is sure, over all classes", () => {
  const atHalf = (...detections: readonly Found[]) => {
    const precision = createAveragePrecision(2);
    precision.add(detections, [
      box(left),
      box(right, { kind: 1 }),
      box(top, { kind: 1, difficult: true }),
    ]);
    precision.add([], [box(left), box(right)]);
    return precision.result().details?.atHalf;
  };
  assert.deepEqual(atHalf(), { recall: 0, precision: null });
  assert.deepEqual(
    atHalf(found(left, 0.5), found(left, 0.49), found(right, 0.3, 1)),
    { recall: 1 / 4, precision: 1 },
  );
  // A second hit, a wrong class, and one on a difficult box, which counts neither way.
  const all = [found(left, 0.9), found(left, 0.8), found(right, 0.9), found(top, 0.9, 1)];
  assert.deepEqual(atHalf(...all), { recall: 1 / 4, precision: 1 / 3 });
});

Deno.test("createAveragePrecision lets many detections find one crowd, as COCO does", () => {
  const truth = [box([0, 0, 1, 1], { difficult: true, crowd: true }), box([0, 0, 0.1, 0.1])];
  const detections = [
    found([0.2, 0.2, 0.3, 0.3], 0.9),
    found([0.4, 0.4, 0.5, 0.5], 0.8),
    found([0, 0, 0.1, 0.1], 0.7),
  ];
  assert.equal(valueOf("coco", [detections, truth]), 1);
});

Deno.test("createAveragePrecision wants more than half of overlap, COCO half", () => {
  const half: Four = [0, 0, 0.5, 0.5]; // exactly half of `left`
  const precision = createAveragePrecision(1);
  precision.add([found(half, 0.9)], [box(left)]);
  const { details } = precision.result();
  assert.deepEqual([details?.voc11, details?.coco50, details?.coco], [0, 1, 0.1]);
});

Deno.test("createAveragePrecision leaves out classes without boxes, and says so", () => {
  const precision = createAveragePrecision(3, { protocol: "voc-area" });
  precision.add([found(left, 0.9, 1), found(top, 0.9, 2)], [box(left, { kind: 1 })]);
  precision.add([found(left, NaN, 1)], [box(left, { kind: 2 })]);
  const { name, value, count, details } = precision.result();
  assert.deepEqual([name, count, value], ["mAP", 2, 0.5]);
  assert.deepEqual(details?.perClass, [null, 1, 0]);
  assert.deepEqual([details?.boxes, details?.notANumber], [2, 1]);
  const [none, full] = details!.curves!.lines;
  assert.equal(none, null);
  assert.deepEqual([full!.length, full![0], full![50]], [51, [0, 1], [1, 1]]);
});

Deno.test("createAveragePrecision takes COCO's surest detections only", () => {
  const precision = createAveragePrecision(1, { protocol: "coco", mostDetections: 1 });
  precision.add([found(left, 0.5), found(top, 0.9)], [box(left)]);
  assert.deepEqual([precision.result().value, precision.result().details?.voc11], [0, 0.5]);
});

/** Pictures with boxes, and detections that lie about them. */
function randomPictures(seed: number, classCount: number, pictures: number) {
  const random = createRandom(seed, "detections");
  const edges = (): Four => {
    const [x, y] = [random.next() * 0.7, random.next() * 0.7];
    return [x, y, x + 0.1 + 0.2 * random.next(), y + 0.1 + 0.2 * random.next()];
  };
  const near = (from: readonly number[]): Four =>
    from.map((edge) => edge + 0.06 * (random.next() - 0.5)) as Four;
  return Array.from({ length: pictures }, () => {
    const truth = Array.from(
      { length: random.integer(7) },
      () => box(edges(), { kind: random.integer(classCount), difficult: random.next() < 0.2 }),
    );
    const detections = Array.from({ length: random.integer(15) }, () => {
      const other = truth[random.integer(Math.max(1, truth.length))];
      return other && random.next() < 0.7
        ? found(near(other.box), random.next(), other.class)
        : found(edges(), random.next(), random.integer(classCount));
    });
    return { truth, detections };
  });
}

/** VOC's average precisions of one class, by going through every cut of the list. */
function bruteForce(pictures: ReturnType<typeof randomPictures>, kind: number) {
  const share = (a: readonly number[], b: readonly number[]) => {
    const side = (axis: number) =>
      Math.max(0, Math.min(a[axis + 2], b[axis + 2]) - Math.max(a[axis], b[axis]));
    const size = (c: readonly number[]) => (c[2] - c[0]) * (c[3] - c[1]);
    const both = side(0) * side(1);
    return both / (size(a) + size(b) - both);
  };
  const all = pictures.flatMap(({ truth, detections }, picture) =>
    detections.filter((one) => one.class === kind).map((one) => {
      const there = truth.filter((other) => other.class === kind);
      const shares = there.map((other) => share(one.box, other.box));
      const nearest = shares.indexOf(Math.max(...shares));
      const goal = shares[nearest] > 0.5 ? there[nearest] : undefined;
      return { picture, score: one.score, goal };
    })
  ).filter(({ goal }) => !goal?.difficult);
  const boxes = pictures.flatMap(({ truth }) => truth)
    .filter((one) => one.class === kind && !one.difficult).length;
  const cuts = [...new Set(all.map(({ score }) => score))].map((score) => {
    const taken = all.filter((one) => one.score >= score);
    const hits = new Set(taken.map(({ goal }) => goal).filter((goal) => goal)).size;
    return { recall: hits / boxes, precision: hits / taken.length };
  });
  const best = (recall: number) =>
    Math.max(0, ...cuts.filter((cut) => cut.recall >= recall).map((cut) => cut.precision));
  const steps = Array.from({ length: boxes }, (_, index) => best((index + 1) / boxes - 1e-12));
  return {
    eleven: Array.from({ length: 11 }, (_, index) => best(index * 0.1))
      .reduce((sum, value) => sum + value, 0) / 11,
    area: steps.reduce((sum, value) => sum + value, 0) / boxes,
  };
}

Deno.test("createAveragePrecision equals a brute-force reference on random detections", () => {
  for (let seed = 0; seed < 8; seed++) {
    const pictures = randomPictures(seed, 3, 20);
    for (const [protocol, key] of [["voc-11", "eleven"], ["voc-area", "area"]] as const) {
      const precision = createAveragePrecision(3, { protocol });
      for (const { truth, detections } of pictures) precision.add(detections, truth);
      const perClass = precision.result().details!.perClass as number[];
      for (const kind of [0, 1, 2]) {
        const expected = bruteForce(pictures, kind)[key];
        assert.ok(expected > 0.1 && expected < 0.9, `${expected} says little`);
        assert.ok(Math.abs(perClass[kind] - expected) < 1e-9, `${perClass[kind]} ${expected}`);
      }
    }
  }
});
