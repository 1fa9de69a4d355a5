import assert from "node:assert/strict";
import { UsageError } from "../system/failure.ts";
import { samplePreset } from "../testing.ts";
import { applyOverrides, type Override } from "./overrides.ts";
import { parsePreset } from "./preset_schema.ts";

/** Overrides from texts such as "recipe.name=ape-gan". */
const set = (...texts: string[]): Override[] =>
  texts.map((whole) => {
    const [path, text] = whole.split("=");
    return { path: path.split("."), text };
  });

Deno.test("a recipe is set with all of its options, and what the command line says goes before published settings", () => {
  const paper = applyOverrides(samplePreset, set("recipe.width=8", "recipe.name=ape-gan"));
  assert.deepEqual(paper.recipe, {
    name: "ape-gan",
    protocol: "paper",
    width: 8,
    pixelWeight: 0.9,
    adversarialWeight: 0.02,
  });
  assert.deepEqual(paper.train, samplePreset.train);
  assert.deepEqual(parsePreset(paper, "a run"), paper);
  const original = applyOverrides(
    samplePreset,
    set("train.epochs=2", "recipe.name=ape-gan", "recipe.protocol=original"),
  );
  const { train, attack } = original;
  assert.deepEqual([train.batchSize, train.epochs, attack.name], [64, 2, "fgsm"]);
  const changed = applyOverrides(paper, set("recipe.pixelWeight=1/2"));
  assert.deepEqual(changed.recipe, { ...paper.recipe, pixelWeight: 0.5 });
  assert.equal(applyOverrides(paper, set("recipe.name=realign")).recipe, undefined);
});

Deno.test("a recipe that cannot be is refused by name", () => {
  const cases: [string[], RegExp][] = [
    [["recipe.name=apegan"], /the recipe "apegan" is unknown: did you mean "ape-gan"/],
    [["recipe.name=ape-gan", "recipe.widht=8"], /no option "widht": did you mean "width"/],
    [["recipe.name=ape-gan", "recipe.width=0"], /width must be an integer from 1/],
    [["recipe.name=ape-gan", "recipe.protocol=new"], /must be "paper" or "original": got "new"/],
    [["recipe.protocol=original"], /no rival is trained: add --recipe NAME/],
    [["recipe.width.0=3"], /are --recipe\.NAME=VALUE/],
  ];
  for (const [texts, message] of cases) {
    assert.throws(() => applyOverrides(samplePreset, set(...texts)), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  }
  const recipe = { name: "ape-gan", width: "wide" };
  assert.throws(
    () => parsePreset({ ...samplePreset, recipe }, "a run"),
    /recipe\.width must be an integer from 1 to 1024: current value is "wide"/,
  );
  assert.throws(
    () => parsePreset({ ...samplePreset, recipe: { name: "ape-gan", depth: 1 } }, "a run"),
    /recipe\.depth is not a setting/,
  );
});
