/**
 * COCO's average precision against pycocotools on random detections. `REALIGN_PYTHON` (default python3)
 * names a Python that has it; without one the check is skipped, and its name says so.
 */
import { type Box, createRandom, type FoundBox } from "@realign/core";
import { assertClose } from "@realign/core/testing";
import assert from "node:assert/strict";
import { createAveragePrecision } from "../plugins/detection/average_precision.ts";

const python = Deno.env.get("REALIGN_PYTHON") ?? "python3";
const search = "import importlib.util as u, sys; sys.exit(not u.find_spec('pycocotools'))";

async function hasPycocotools(): Promise<boolean> {
  try {
    return (await new Deno.Command(python, { args: ["-c", search] }).output()).success;
  } catch {
    return false;
  }
}

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

async function runPycocotools(request: unknown): Promise<Reference> {
  const script = new URL("./peers/coco_average_precision.py", import.meta.url).pathname;
  const child = new Deno.Command(python, {
    args: [script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(request)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, `pycocotools failed: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

const available = await hasPycocotools();
const title = "createAveragePrecision agrees with pycocotools on random detections";

Deno.test({
  name: available ? title : `${title} (skipped: ${python} has no pycocotools; set REALIGN_PYTHON)`,
  ignore: !available,
  async fn() {
    for (const [seed, mostDetections] of [[1, 100], [2, 3], [3, 100]]) {
      const classes = 4;
      // The last class is never there.
      const pictures = randomPictures(seed, classes - 1, 60);
      const theirs = await runPycocotools({ pictures, classes, mostDetections });
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
