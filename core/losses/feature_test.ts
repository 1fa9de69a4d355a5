import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, assertGradient, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import { classCentres, groupByClass } from "./class_groups.ts";
import {
  classAlignLoss,
  classInterLoss,
  classIntraLoss,
  featureReconstructionLoss,
  type InterClassSettings,
} from "./feature.ts";

await useTestBackend();

const D = 4;
type Rows = readonly (readonly number[])[];

function rows(name: string, count: number): number[][] {
  const random = createRandom(9, name);
  return Array.from({ length: count }, () => [...random.normals(D, 1)]);
}

const matrix = (values: Rows) => tf.tensor2d(values.flat(), [values.length, D]);
const vector = (classes: readonly number[]) => tf.tensor1d([...classes], "int32");

/** What batches may be like: with K below and above the number of rows, which is grouped differently. */
const batches: Readonly<Record<string, { classes: number[]; classCount: number }>> = {
  "all classes present": { classes: [0, 1, 2, 1, 0, 2, 0], classCount: 3 },
  "classes missing": { classes: [4, 1, 4, 1, 1, 0], classCount: 5 },
  "rows ignored": { classes: [-1, 1, 2, -1, 1, 2, 0], classCount: 3 },
  "more classes than rows": { classes: [7, 3, 7, 3, 3, 9], classCount: 100 },
  "more classes than rows, rows ignored": { classes: [-1, 7, 3, -1, 7, 3], classCount: 100 },
  "a single row": { classes: [1], classCount: 1000 },
  "a single row of few classes": { classes: [0], classCount: 1 },
  "a single class": { classes: [2, 2, 2, 2], classCount: 3 },
  "no row that counts": { classes: [-1, -1, -1], classCount: 2 },
  "no row that counts among many classes": { classes: [-1, -1, -1], classCount: 10 },
};

const distance = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / D;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Rows by class, of the classes present. */
function byClass(values: Rows, classes: readonly number[]): Rows[] {
  const present = [...new Set(classes)].filter((index) => index >= 0).sort((a, b) => a - b);
  return present.map((index) => values.filter((_, row) => classes[row] === index));
}

function centre(members: Rows): number[] {
  return members[0].map((_, axis) => sum(members.map((row) => row[axis])) / members.length);
}

/** The losses of Eq. 6 (one half), 7 and 8 by loops. */
function byHand(clean: Rows, restored: Rows, classes: readonly number[], margin: number) {
  const valid = classes.flatMap((index, row) => index >= 0 ? [row] : []);
  const groups = byClass(restored, classes);
  const centres = groups.map(centre);
  const cleanCentres = byClass(clean, classes).map(centre);
  const gaps = centres.flatMap((a, k) =>
    centres.filter((_, i) => i !== k).map((b) => margin - distance(a, b))
  );
  return {
    classes: groups.length,
    reconstruction: sum(valid.map((row) => distance(restored[row], clean[row]))) /
      Math.max(1, valid.length),
    align: sum(centres.map((value, k) => distance(value, cleanCentres[k]))),
    intra: sum(
      groups.map((members, k) =>
        sum(members.map((row) => distance(row, centres[k]))) / members.length
      ),
    ),
    hinge: sum(gaps.map((gap) => Math.max(0, gap))),
    literal: sum(gaps),
  };
}

const MARGIN = 0.9;

for (const [title, { classes, classCount }] of Object.entries(batches)) {
  const clean = rows(`${title} clean`, classes.length);
  const restored = rows(`${title} restored`, classes.length);
  const expected = byHand(clean, restored, classes, MARGIN);

  /** All class losses as functions of the restored vectors. */
  const losses = (classReduction: "sum" | "mean") => {
    const settings = { classReduction };
    const inter = (interClass: InterClassSettings["interClass"]) => (vectors: tf.Tensor) => {
      const groups = groupByClass(vector(classes), classCount);
      const centres = classCentres(groups, vectors as tf.Tensor2D);
      return classInterLoss(groups, centres, { classReduction, interClass, margin: MARGIN });
    };
    return {
      align: (vectors: tf.Tensor) => {
        const groups = groupByClass(vector(classes), classCount);
        const centres = classCentres(groups, vectors as tf.Tensor2D);
        return classAlignLoss(groups, classCentres(groups, matrix(clean)), centres, settings);
      },
      intra: (vectors: tf.Tensor) => {
        const groups = groupByClass(vector(classes), classCount);
        const centres = classCentres(groups, vectors as tf.Tensor2D);
        return classIntraLoss(groups, centres, vectors as tf.Tensor2D, settings);
      },
      hinge: inter("hinge"),
      literal: inter("literal"),
    };
  };

  Deno.test(`class losses, summed, are those of Eq. 7 and 8: ${title}`, () => {
    for (const [name, compute] of Object.entries(losses("sum"))) {
      const value = expected[name as "align" | "intra" | "hinge" | "literal"];
      assertClose(compute(matrix(restored)), [value], 1e-4);
    }
  });

  Deno.test(`class losses, averaged, are those over classes or pairs: ${title}`, () => {
    const pairs = expected.classes * (expected.classes - 1);
    for (const [name, compute] of Object.entries(losses("mean"))) {
      const value = expected[name as "align" | "intra" | "hinge" | "literal"];
      const count = name === "align" || name === "intra" ? expected.classes : pairs;
      assertClose(compute(matrix(restored)), [value / Math.max(1, count)], 1e-4);
    }
  });

  Deno.test(`class losses have the gradient of their values: ${title}`, () => {
    for (const compute of Object.values(losses("sum"))) {
      assertGradient(compute, [matrix(restored)], { step: 2e-3 });
    }
  });

  Deno.test(`featureReconstructionLoss is the mean over rows that count: ${title}`, () => {
    const compute = (vectors: tf.Tensor) =>
      featureReconstructionLoss(matrix(clean), {
        vectors: vectors as tf.Tensor2D,
        classes: vector(classes),
      });
    assertClose(compute(matrix(restored)), [expected.reconstruction]);
    assertGradient(compute, [matrix(restored)], { step: 2e-3 });
  });
}

Deno.test("classInterLoss with hinge does not push classes that lie a margin apart", () => {
  const groups = groupByClass(vector([0, 1]), 2);
  const settings = { margin: 1, interClass: "hinge", classReduction: "sum" } as const;
  const vectors = matrix([[0, 0, 0, 0], [2, 2, 2, 2]]);
  const loss = (x: tf.Tensor) =>
    classInterLoss(groups, classCentres(groups, x as tf.Tensor2D), settings);
  assertClose(loss(vectors), [0]);
  assertClose(tf.grad(loss)(vectors), new Float32Array(8));
  assertClose(classInterLoss(groups, vectors, { ...settings, interClass: "literal" }), [-2]);
});

Deno.test("class losses by the authors' values, by hand", () => {
  const settings = { classReduction: "sum", interClass: "hinge", margin: 5 } as const;
  const constant = (values: readonly number[]) =>
    matrix(values.map((value) => Array(D).fill(value)));
  const groupsOf = (classes: readonly number[]) => groupByClass(vector(classes), 3);
  const inter = (distance: number) =>
    classInterLoss(
      groupsOf([0, 1]),
      classCentres(groupsOf([0, 1]), constant([0, distance])),
      settings,
    );
  assertClose(tf.mul(0.005, inter(3)), [0.02], 1e-6);
  assertClose(inter(6), [0]);
  const three = groupsOf([0, 1, 2]);
  const centres = (values: readonly number[]) => classCentres(three, constant(values));
  const align = classAlignLoss(three, centres([0, 4, 9]), centres([1, 3, 10]), settings);
  assertClose(tf.mul(0.1, align), [0.1 * 3]);
  const intra = (classes: readonly number[], values: readonly number[]) => {
    const groups = groupsOf(classes);
    const vectors = constant(values);
    return classIntraLoss(groups, classCentres(groups, vectors), vectors, settings);
  };
  assertClose(intra([0, 0], [0, 2]), [1]);
  assertClose(intra([0, 1, 2], [3, 7, 1]), [0]);
});

Deno.test("classIntraLoss by rows counts each row once, whatever its class", () => {
  // Half the rows deviate by 1, half by 3, and one is ignored.
  const classes = [0, 0, 1, 1, -1];
  const vectors = matrix([-1, 1, 5, 11, 100].map((value) => Array(D).fill(value)));
  const groups = groupByClass(vector(classes), 2);
  const loss =
    (intraReduction: "rows" | "classes", classReduction: "sum" | "mean") => (x: tf.Tensor) =>
      classIntraLoss(groups, classCentres(groups, x as tf.Tensor2D), x as tf.Tensor2D, {
        intraReduction,
        classReduction,
      });
  assertClose(loss("rows", "sum")(vectors), [2]);
  assertClose(loss("rows", "mean")(vectors), [2]);
  assertClose(loss("classes", "sum")(vectors), [4]);
  const uneven = matrix([-1, 1.5, 0.5, 11, 100].map((value) => [value, 2 * value, -value, 1]));
  const thirds = groupByClass(vector([0, 0, 0, 1, -1]), 2);
  const rows = (x: tf.Tensor) =>
    classIntraLoss(thirds, classCentres(thirds, x as tf.Tensor2D), x as tf.Tensor2D, {
      intraReduction: "rows",
      classReduction: "sum",
    });
  assertGradient(rows, [uneven], { step: 2e-3 });
});

Deno.test("class losses pull nothing where a class's rows are equal", () => {
  const groups = groupByClass(vector([0, 0, 1]), 2);
  const vectors = matrix([[1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 8]]);
  const gradient = tf.grad((x) => {
    const centres = classCentres(groups, x as tf.Tensor2D);
    return classIntraLoss(groups, centres, x as tf.Tensor2D, { classReduction: "sum" });
  })(vectors);
  assertClose(gradient, new Float32Array(12));
});

Deno.test("groupByClass gives the same weight to a class whether it is grouped by class or by row", () => {
  const classes = vector([3, 3, 1, -1]);
  for (const classCount of [4, 5]) {
    const { weights, pairWeights, rowWeights } = groupByClass(classes, classCount);
    assertClose(tf.sum(weights), [2]);
    assertClose(tf.sum(pairWeights), [2]);
    assertClose(rowWeights, [0.5, 0.5, 1, 0]);
  }
});

Deno.test("feature losses refuse shapes that do not fit", () => {
  const features = { vectors: matrix(rows("v", 3)), classes: vector([0, 1]) };
  assert.throws(
    () => featureReconstructionLoss(features.vectors, features),
    {
      name: "TypeError",
      message: /Cannot compute the feature reconstruction loss as `clean` must be \[N = 2, D\]/,
    },
  );
  const groups = groupByClass(features.classes, 2);
  const settings = { classReduction: "sum" } as const;
  const centres = matrix(rows("c", 2));
  assert.throws(
    () => classAlignLoss(groups, matrix(rows("c", 3)), centres, settings),
    /Cannot compute the class alignment loss as `clean` must be \[G = 2, D\]/,
  );
  assert.throws(
    () => classIntraLoss(groups, centres, features.vectors, settings),
    /Cannot compute the intra-class loss as `vectors` must be \[N = 2, 4\]/,
  );
});
