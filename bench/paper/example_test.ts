import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { sampleEvaluation } from "../../cli/testing.ts";
import type { KeptSamples } from "../../cli/runs/sample_files.ts";
import { parseCell } from "./cells.ts";
import { exampleSection } from "./example.ts";
import type { FinishedCell } from "./plan.ts";

const pixels = new Uint8Array(3 * 4 * 2);
const png = Uint8Array.from(await encodePng({ height: 2, width: 4, pixels }));

const kept = (says: string, attack = "pgd", id = "test-7"): KeptSamples => ({
  attack,
  magnification: 1,
  samples: [{
    id,
    truth: "cat",
    predictions: { clean: "cat 0.9", adversarial: "dog 0.8", restored: says },
    pictures: { clean: png, adversarial: png, restored: png, difference: png },
  }],
});

const cell = (name: string, example: KeptSamples | undefined, seed = 1): FinishedCell => ({
  ...{ cell: parseCell(name), seed, run: name, stages: {}, evaluation: sampleEvaluation },
  ...(example && { example }),
});

const figures = { figures: [], runs: [], seconds: 0 };
const rows = [
  { name: "full", ...figures },
  { name: "ape-gan", title: "APE-GAN", rival: "recipe" as const, ...figures },
];
const section = (cells: readonly FinishedCell[]) =>
  exampleSection(cells, { rows })?.text.replaceAll(/\s+/g, " ");

Deno.test("a page shows one image through every defense that was attacked alike", () => {
  const text = section([
    cell("full", kept("cat 0.7")),
    cell("ape-gan", kept("bird 0.6")),
    cell("hgd", kept("cat 0.9", "deepfool")),
    cell("nrp", kept("cat 0.9", "pgd", "test-8")),
    cell("full", kept("fish 1.0"), 2),
  ])!;
  assert.deepEqual(
    [...text.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(([, title]) => title),
    [
      "Clean",
      "Attacked",
      "Full",
      "APE-GAN",
    ],
  );
  assert.match(text, /PGD, oblivious/);
  assert.match(text, /class="wrong">bird 0\.6 ✗/);
  assert.doesNotMatch(text, /fish|test-8/);
  assert.match(text, /--ratio:4 \/ 2/);
});

Deno.test("a grid without pictures has no such section", () => {
  assert.equal(section([cell("full", undefined)]), undefined);
});
