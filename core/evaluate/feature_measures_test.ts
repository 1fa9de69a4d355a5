import assert from "node:assert/strict";
import { centreDistance, neighbourAgreement, silhouette } from "./feature_measures.ts";

Deno.test("centreDistance() compares the classes that both sets have", () => {
  const reference = { vectors: [[0, 0], [4, 0], [9, 9]], classes: [1, 1, 2] };
  const set = { vectors: [[2, 3], [9, 10], [9, 12], [50, 50]], classes: [1, 2, 2, 7] };
  assert.equal(centreDistance(set, reference), (3 + 2) / 2);
  assert.equal(centreDistance(reference, reference), 0);
  assert.equal(centreDistance({ vectors: [[1, 1]], classes: [5] }, reference), undefined);
});

Deno.test("silhouette() is Rousseeuw's, worked out by hand", () => {
  // Class 0: 0 and 2; class 1: 10. For 0: a = 2, b = 10; for 2: a = 2, b = 8; 10 is alone.
  const value = silhouette({ vectors: [[0], [2], [10]], classes: [0, 0, 1] })!;
  assert.ok(Math.abs(value - (8 / 10 + 6 / 8 + 0) / 3) < 1e-12);
  assert.equal(silhouette({ vectors: [[0], [2]], classes: [4, 4] }), undefined);
  assert.equal(silhouette({ vectors: [[1], [1], [1], [1]], classes: [0, 0, 1, 1] }), 0);
});

Deno.test("neighbourAgreement() counts neighbours of the own class", () => {
  const vectors = [[0], [1], [3], [10]];
  // Two neighbours each: 0 -> 1, 3; 1 -> 0, 3; 3 -> 1, 0; 10 -> 3, 1.
  assert.equal(
    neighbourAgreement({ vectors, classes: [0, 0, 1, 1] }, 2),
    (0.5 + 0.5 + 0 + 0.5) / 4,
  );
  assert.equal(neighbourAgreement({ vectors, classes: [2, 2, 2, 2] }, 99), 1);
  assert.equal(neighbourAgreement({ vectors: [[0]], classes: [0] }), undefined);
});
