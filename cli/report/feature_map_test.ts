import assert from "node:assert/strict";
import { perState } from "../runs/feature_file.ts";
import { featureSection } from "./feature_map.ts";

const section = (classCount: number) =>
  featureSection({
    attack: "pgd",
    restoredBy: "<G>",
    length: 64,
    images: 3,
    legend: Array.from({ length: 20 }, (_, at) => ({ name: `c${at}`, colour: [at, 9, 9] })),
    classes: Array.from({ length: classCount }, (_, at) => at),
    points: perState((state) =>
      Array.from({ length: classCount }, () => [state === "clean" ? 0.5 : 0, 1])
    ),
    measures: perState(() => ({
      centreDistance: 12.345,
      silhouette: null,
      neighbourAgreement: 0.756,
    })),
  }).text;

Deno.test("featureSection() draws every vector in every state, in its place", () => {
  const text = section(3);
  assert.equal(text.match(/<circle /g)?.length, 4 * 3);
  assert.equal(text.match(/cx="100.0" cy="200.0"/g)?.length, 3);
  assert.equal(text.match(/role="img"/g)?.length, 4);
  assert.match(text, /Restored by: &lt;G&gt;/);
  assert.match(text, /12\.3<.*–<.*76 %</s);
});

Deno.test("featureSection() names the classes that occur, many of them in their own colours", () => {
  assert.doesNotMatch(section(3), /c3<|rgb\(/);
  assert.match(section(11), /rgb\(10 9 9\)[\s\S]*c10</);
});
