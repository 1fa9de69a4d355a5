import { createRandom } from "@realign/core";
import { createAttack, exactVictim } from "@realign/core/attacks";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { suites } from "./suites.ts";
import { createDetection } from "./task.ts";

Deno.test("every attack of a suite can be made on a detector", async () => {
  await useTestBackend();
  const task = createDetection(["ant", "bee"]);
  using target = task.createTarget("ssd64-vgg16-w0.0625", createRandom(1));
  const victim = exactVictim({ task, target });
  const attacked = Object.values(suites).flatMap(({ threatModels, curves = {} }) =>
    [threatModels, curves].flatMap((models) => Object.values(models).flatMap(Object.values))
  );
  assert.ok(attacked.length > 25);
  for (const { radius: _, ...settings } of attacked) {
    using attack = createAttack({ ...settings, epsilon: 8 / 255 }, victim, task.attacks);
    assert.equal(attack.name, settings.name);
  }
});

Deno.test("both suites ascend each objective of a detector by APGD, and ask without gradients", () => {
  for (const [suite, ending] of [["standard", "50"], ["strong", "100-restarts"]]) {
    const { whitebox, "black-box": blackBox } = suites[suite].threatModels;
    for (const objective of ["cls", "loc", "cls+loc", "vanish", "fabricate", "objectness"]) {
      assert.equal(whitebox[`apgd-${objective}-${ending}`].objective, objective);
    }
    const names = Object.values(blackBox).map(({ name, objective }) => [name, objective]);
    assert.deepEqual(names[0], ["square", "cls+loc"]);
  }
});
