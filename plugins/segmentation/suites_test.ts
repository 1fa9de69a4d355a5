import { createAttack } from "@realign/core/attacks";
import { useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { segmentationAttacks } from "./attacks.ts";
import { suites } from "./suites.ts";
import { linearVictim } from "./testing.ts";

Deno.test("every attack of a suite can be made on a segmenter", async () => {
  await useTestBackend();
  const victim = linearVictim([[1, 0, 0], [0, 1, 0]], [0, 0]);
  const attacked = Object.values(suites).flatMap(({ threatModels, curves = {} }) =>
    [threatModels, curves].flatMap((models) => Object.values(models).flatMap(Object.values))
  );
  const names = new Set(attacked.map(({ name }) => name));
  for (const name of ["sea", "apgd-stages", "square", "segpgd", "cospgd"]) {
    assert.ok(names.has(name), name);
  }
  for (const { radius: _, ...settings } of attacked) {
    using attack = createAttack({ ...settings, epsilon: 8 / 255 }, victim, segmentationAttacks);
    assert.equal(attack.name, settings.name);
  }
});
