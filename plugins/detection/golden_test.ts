import { createRandom } from "@realign/core";
import { exactVictim } from "@realign/core/attacks";
import { testGoldenAttacks } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import { attacks } from "./attacks.ts";
import { createDetection } from "./task.ts";

const epsilon = 8 / 255;

testGoldenAttacks(
  new URL("./golden.json", import.meta.url),
  {
    create() {
      const task = createDetection(["ant", "bee", "cat"]);
      const target = task.createTarget("ssd64-vgg16-w0.0625", createRandom(3));
      const values = createRandom(1, "images").uniforms(2 * 64 * 64 * 3, 0, 1);
      const box = (x: number, index: number) =>
        ({ box: [x, 0.2, x + 0.4, 0.7], class: index, difficult: false }) as const;
      return {
        victim: exactVictim({ task, target }),
        clean: tf.tensor4d(values, [2, 64, 64, 3]),
        labels: task.encodeLabels([{ boxes: [box(0.1, 2), box(0.5, 0)] }, {
          boxes: [box(0.3, 1)],
        }]),
      };
    },
    table: attacks,
  },
  [
    { name: "dag", epsilon, steps: 4, stepSize: 2 / 255 },
    { name: "mtd", epsilon, steps: 2 },
  ],
);
