/**
 * COCO's average precision against pycocotools on random detections.
 */
import { type Box, createRandom, type FoundBox } from "@realign/core";
import { assertClose } from "@realign/core/testing";
import assert from "node:assert/strict";
import { createAveragePrecision } from "../plugins/detection/average_precision.ts";
import { askPeer, needing } from "./peer.ts";

interface RandomPicture {
  readonly truth: readonly Box[];
  readonly detections: readonly Required<FoundBox>[];
}

/** Pictures with boxes and crowds, and detections that lie about them, some of equal score. */
function randomPictures(seed: number, classCount: number, pictures: number): RandomPicture[] {
  const random = createRandom(seed, "detections");
  const edges = (scale: number): Box["box"] => {
    const [x, y] = [random.next() * (1 - scale), random.next() * (1 - scale)];
    return [x, y, x + scale * (0.3 + 0.7 * random.next()), y + scale * (0.3 + 0.7 * random.next())];
  };
  return Array.from({ length: pictures }, () => {
    const truth = Array.from({ length: random.integer(9) }, (): Box => {
      const crowd = random.next() < 0.15;
      return {
        box: edges(crowd ? 0.6 : 0.3),
        class: random.integer(classCount),
        difficult: crowd,
        ...crowd && { crowd },
      };
    });
    const detections = Array.from({ length: random.integer(25) }, () => {
      const goal = truth[random.integer(Math.max(1, truth.length))];
      const [x1, y1, x2, y2] = goal && random.next() < 0.7 ? goal.box : edges(0.3);
      const shift = () => 0.03 * (random.next() - 0.5);
      return {
        box: [x1 + shift(), y1 + shift(), x2 + shift(), y2 + shift()] as const,
        class: goal && random.next() < 0.9 ? goal.class : random.integer(classCount),
        score: Math.round(100 * random.next()) / 100,
      };
    });
    return { truth, detections };
  });
}

interface Reference {
  readonly value: number;
  readonly half: number;
  readonly perClass: readonly (number | null)[];
}

Deno.test({
  ...await needing(
    ["pycocotools"],
    "createAveragePrecision agrees with pycocotools on random detections",
  ),
  async fn() {
    for (const [seed, mostDetections] of [[1, 100], [2, 3], [3, 100]]) {
      const classes = 4;
      // The last class is never there.
      const pictures = randomPictures(seed, classes - 1, 60);
      const theirs = await askPeer<Reference>("coco_average_precision.py", {
        pictures,
        classes,
        mostDetections,
      });
      const precision = createAveragePrecision(classes, { protocol: "coco", mostDetections });
      for (const { truth, detections } of pictures) precision.add(detections, truth);
      const { value, details } = precision.result();
      assert.ok(value > 0.1 && value < 0.9, `${value} says little`);
      assertClose([value, details?.coco50 as number], [theirs.value, theirs.half], 1e-9);
      const known = (values: readonly (number | null)[]) => values.map((one) => one ?? -1);
      assertClose(known(details?.perClass ?? []), known(theirs.perClass), 1e-9);
    }
  },
});
