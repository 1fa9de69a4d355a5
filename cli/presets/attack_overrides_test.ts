import assert from "node:assert/strict";
import { samplePreset } from "../testing.ts";
import { applyOverrides, splitOverrides } from "./overrides.ts";

Deno.test("applyOverrides() calls a row of an evaluation by the attack that takes another's place", () => {
  const pgd = { name: "pgd", epsilon: 0.1, steps: 3 };
  const attacks = {
    pgd,
    "pgd-20": { ...pgd, steps: 20 },
    own: pgd,
    bim: { name: "bim", epsilon: 0.1 },
  };
  const evaluation = { ...samplePreset.evaluation, threatModels: { oblivious: { attacks } } };
  const set = (name: string, ...more: string[]) => {
    const args = [`--evaluation.threatModels.oblivious.attacks.${name}`, ...more];
    const preset = applyOverrides({ ...samplePreset, evaluation }, splitOverrides(args).overrides);
    return preset.evaluation.threatModels.oblivious.attacks;
  };
  assert.deepEqual(Object.keys(set("pgd.name=fgsm")), ["fgsm", "pgd-20", "own", "bim"]);
  assert.deepEqual(set("pgd.name=fgsm").fgsm, { name: "fgsm", epsilon: 0.1 });
  assert.deepEqual(Object.keys(set("pgd-20.name=fgsm")), ["pgd", "fgsm", "own", "bim"]);
  assert.deepEqual(set("own.name=fgsm").own, { name: "fgsm", epsilon: 0.1 });
  assert.throws(() => set("pgd.name=bim"), /oblivious has the attack bim already/);
  assert.deepEqual(Object.keys(set("pgd=none")), ["pgd-20", "own", "bim"], "taken out");
  assert.throws(() => set("pgd=nonne"), /set one by one/);

  const more = "--evaluation.threatModels.oblivious.attacks.long.steps=9";
  assert.deepEqual(set("long=pgd", more).long, { name: "pgd", epsilon: 0.1, steps: 9 }, "added");
  assert.deepEqual(set("long=pgd", more), {
    ...attacks,
    long: { name: "pgd", epsilon: 0.1, steps: 9 },
  });
  assert.throws(() => set("long=pgdd"), /there is no attack "pgdd": did you mean "pgd"/);
  assert.throws(() => set("long=none"), /there is no "long" in evaluation/);
  assert.throws(() => set("long.steps=9"), /there is no "long" in evaluation/);
});
