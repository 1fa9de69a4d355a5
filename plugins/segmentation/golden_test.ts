import { createRandom } from "@realign/core";
import { testGoldenAttacks } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { segmentationAttacks } from "./attacks.ts";
import { encodeLabelMaps } from "./labels.ts";
import { linearVictim, randomLabelMap } from "./testing.ts";

const epsilon = 0.1;

testGoldenAttacks(
  new URL("./golden.json", import.meta.url),
  {
    create() {
      const values = createRandom(1, "images").uniforms(2 * 30 * 3, 0, 1);
      return {
        victim: linearVictim([[2, -1, 0.5], [-1, 2, 1], [0.3, 0.4, -2]], [0.1, -0.2, 0.3]),
        clean: tf.tensor4d(values, [2, 6, 5, 3]),
        labels: encodeLabelMaps([1, 2].map((seed) => randomLabelMap(seed, [6, 5], 3)), 3),
      };
    },
    table: segmentationAttacks,
  },
  [
    { name: "segpgd", epsilon, steps: 4 },
    { name: "cospgd", epsilon, steps: 4, restarts: 2 },
    { name: "pgd-cw", epsilon, steps: 4, return: "best" },
    { name: "apgd-stages", epsilon, steps: 5, objective: "jensen-shannon" },
    { name: "sea", epsilon, steps: 4 },
    { name: "deepfool", epsilon, steps: 5 },
    { name: "deepfool", epsilon: Infinity, norm: "l2", steps: 5 },
  ],
);
