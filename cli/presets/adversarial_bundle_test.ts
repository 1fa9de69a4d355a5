import { adversarialTrainings } from "@realign/core";
import segmentation from "@realign/segmentation";
import assert from "node:assert/strict";
import { UsageError } from "../system/failure.ts";
import { samplePreset } from "../testing.ts";
import { applyOverrides, splitOverrides } from "./overrides.ts";

const apply = (...args: string[]) => applyOverrides(samplePreset, splitOverrides(args).overrides);
const trained = (...args: string[]) => apply(...args).target.train;
const fails = (args: string[], message: RegExp) =>
  assert.throws(() => apply(...args), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    return true;
  });

Deno.test("applyOverrides() takes a bundle of adversarial training before its single settings", () => {
  for (const name of ["trades", "pgd", "fast", "free"]) {
    const { adversarial } = trained(`--target.train.adversarial=${name}`);
    assert.deepEqual(adversarial, adversarialTrainings[name]);
  }
  const changed = trained(
    "--target.train.adversarial.attack.steps=3",
    "--target.train.adversarial.beta=2",
    "--target.train.adversarial=trades",
    "--target.train.adversarial.attack.epsilon=8/255",
  );
  const { attack, ...rest } = adversarialTrainings.trades;
  assert.deepEqual(changed.adversarial, {
    ...rest,
    beta: 2,
    attack: { ...attack, steps: 3, epsilon: 8 / 255 },
  });
  const fewer = trained("--target.train.adversarial=free", "--target.train.adversarial.replays=4");
  assert.deepEqual(fewer.adversarial, { ...adversarialTrainings.free, replays: 4 });
  assert.equal(samplePreset.target.train.adversarial, undefined, "the preset itself must stay");
});

Deno.test("applyOverrides() sets adversarial training without a bundle, and takes it away", () => {
  const path = "--target.train.adversarial";
  const { adversarial } = trained(
    `${path}.attack.name=bim`,
    `${path}.attack.epsilon=0.03`,
    `${path}.share=0.5`,
  );
  assert.deepEqual(adversarial, { attack: { name: "bim", epsilon: 0.03 }, share: 0.5 });
  const preset = apply(`${path}=pgd`);
  const { overrides } = splitOverrides([`${path}=none`]);
  assert.ok(!("adversarial" in applyOverrides(preset, overrides).target.train));
});

Deno.test("applyOverrides() attacks O alone as one who knows it where O is the defense", () => {
  const { threatModels } = apply("--target.train.adversarial=pgd").evaluation;
  const { whitebox } = samplePreset.evaluation.threatModels;
  assert.deepEqual(threatModels.whitebox.systems, ["none", ...whitebox.systems!]);
  assert.deepEqual(threatModels.whitebox.attacks, {
    ...threatModels.oblivious.attacks,
    ...whitebox.attacks,
  });
  assert.deepEqual(Object.keys(threatModels), Object.keys(samplePreset.evaluation.threatModels));
});

Deno.test("applyOverrides() takes bundles of the plugin's task", () => {
  const { overrides } = splitOverrides(["--target.train.adversarial=sat"]);
  const { adversarial } = applyOverrides(samplePreset, overrides, segmentation).target.train;
  assert.equal(adversarial?.share, 0.5);
});

Deno.test("applyOverrides() refuses adversarial training that there is not", () => {
  const path = "--target.train.adversarial";
  fails([`${path}=tardes`], /to "tardes": did you mean "trades"/);
  fails([`${path}=pgd`, `${path}=free`], /twice, to pgd and free/);
  fails([`${path}=pgd`, `${path}.attack.stepz=3`], /no "stepz" in .*: did you mean "steps"/);
  fails([`${path}=pgd`, `${path}.share=0`], /share must be greater than 0/);
  fails([`${path}=free`, `${path}.replays=0.5`], /replays must be an integer/);
  fails([`${path}.attack.name=pgd`], /attack\.epsilon must be a number: it is missing/);
  fails(
    [`${path}=pgd`, `${path}.attack.stepSize=-1`],
    /stepSize .*target\.train\.adversarial\.att/,
  );
});

Deno.test("applyOverrides() reads the drops of a multi-step schedule", () => {
  const schedule = (...args: string[]) => trained(...args).schedule;
  const name = "--target.train.schedule.name=multi-step";
  assert.deepEqual(schedule(name, "--target.train.schedule.drops=1/2,0.75").drops, [0.5, 0.75]);
  assert.deepEqual(schedule(name, "--target.train.schedule.drops=0.9").drops, [0.9]);
  fails(["--target.train.schedule.drops=half"], /must be numbers, e\.g\. 0\.5,0\.75: got "half"/);
  fails(["--target.train.schedule.drops=0.5,1"], /drops\.1 must be less than 1/);
});
