import classification from "@realign/classification";
import { withLossValues } from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";
import assert from "node:assert/strict";
import { UsageError } from "../system/failure.ts";
import { applyOverrides, splitOverrides } from "./overrides.ts";
import { parsePreset } from "./preset_schema.ts";
import { samplePreset } from "../testing.ts";

const apply = (...args: string[]) => applyOverrides(samplePreset, splitOverrides(args).overrides);
const fails = (args: string[], message: RegExp) =>
  assert.throws(() => apply(...args), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, message);
    return true;
  });

Deno.test("splitOverrides() takes dotted options and leaves the rest in order", () => {
  const args = ["train", "--steps", "5", "--train.batchSize=64", "x", "--attack.name", "bim", "-v"];
  assert.deepEqual(splitOverrides(args), {
    overrides: [
      { path: ["train", "batchSize"], text: "64" },
      { path: ["attack", "name"], text: "bim" },
    ],
    rest: ["train", "--steps", "5", "x", "-v"],
  });
});

Deno.test("splitOverrides() leaves file names and values with dots alone", () => {
  const rest = ["--target-weights", "a.b.safetensors", "--plugin=./depth.ts", "./x.png"];
  assert.deepEqual(splitOverrides(rest), { overrides: [], rest });
});

Deno.test("splitOverrides() asks for a value that is missing", () => {
  assert.throws(() => splitOverrides(["--train.batchSize"]), /no value: write --train.batchSize=/);
  assert.throws(() => splitOverrides(["--train.batchSize", "--json"]), /no value/);
});

Deno.test("applyOverrides() parses to the type of what it replaces", () => {
  const preset = apply(
    "--train.batchSize=64",
    "--attack.epsilon=8/255",
    "--losses.stopGradient=all",
    "--target.architecture=wrn-16-4",
    "--generator.size=32x32",
    "--target.size=[32, 48]",
    "--losses.setting=L_I+F",
    "--train.schedule.peak=1e-3",
    "--evaluation.threatModels.oblivious.attacks.PGD.steps=20",
    "--evaluation.threatModels.whitebox.systems=generator,jpeg",
    "--evaluation.systems.jpeg.defenses.0.quality=50",
    "--evaluation.systems.generator+jpeg.defenses.1.quality=40",
    "--evaluation.systems.jpeg.target.weights=robust.safetensors",
    "--target.weights=",
  );
  assert.equal(preset.train.batchSize, 64);
  assert.equal(preset.attack.epsilon, 8 / 255);
  assert.equal(preset.losses.stopGradient, "all");
  assert.equal(preset.target.architecture, "wrn-16-4");
  assert.deepEqual(preset.generator.size, [32, 32]);
  assert.deepEqual(preset.target.size, [32, 48]);
  assert.equal(preset.losses.setting, "L_I+F");
  assert.equal(preset.train.schedule.peak, 1e-3);
  const { systems, threatModels } = preset.evaluation;
  assert.equal(threatModels.oblivious.attacks.PGD.steps, 20);
  assert.deepEqual(threatModels.whitebox.systems, ["generator", "jpeg"]);
  assert.deepEqual(systems.jpeg, {
    defenses: [{ name: "jpeg", quality: 50 }],
    target: { weights: "robust.safetensors" },
  });
  assert.deepEqual(systems["generator+jpeg"].defenses[1], { name: "jpeg", quality: 40 });
  assert.equal(preset.target.weights, "");
  assert.equal(samplePreset.train.batchSize, 8, "the preset itself must stay");
});

Deno.test("applyOverrides() takes a bundle of losses before all other settings", () => {
  const { lossValues } = classification;
  const set = (...args: string[]) =>
    applyOverrides(samplePreset, splitOverrides(args).overrides, classification);
  const changed = set("--losses.stopGradient=all", "--losses.values=authors", "--losses.margin=2");
  const expected = withLossValues(samplePreset, lossValues!.authors);
  assert.deepEqual(changed, {
    ...expected,
    losses: { ...expected.losses, stopGradient: "all", margin: 2 },
  });
  assert.equal(changed.losses.setting, samplePreset.losses.setting);
  assert.deepEqual(set("--losses.values=paper").losses.weights, lossValues!.paper.losses.weights);
  const refused = (args: string[], message: RegExp, plugin = classification) =>
    assert.throws(
      () => applyOverrides(samplePreset, splitOverrides(args).overrides, plugin),
      message,
    );
  refused(["--losses.values=author"], /losses\.values to "author": did you mean "authors"\?/);
  refused(["--losses.values=authors", "--losses.values=paper"], /set losses\.values twice/);
  const bare = { ...classification, lossValues: undefined };
  refused(["--losses.values=authors"], /the task "classification" has no such bundles/, bare);
});

Deno.test("applyOverrides() takes five numbers as weights of taps", () => {
  const { perceptual } = apply("--perceptual.tapWeights=1/32,1/16,1/8,1/4,1");
  assert.deepEqual(perceptual.tapWeights, [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1]);
  fails(["--perceptual.tapWeights=1,2"], /must be five numbers, e\.g\. 1\/32/);
});

Deno.test("applyOverrides() changes one of two settings that a preset shares", () => {
  const { oblivious } = samplePreset.evaluation.threatModels;
  const threatModels = { oblivious, whitebox: oblivious };
  const shared = { ...samplePreset, evaluation: { ...samplePreset.evaluation, threatModels } };
  const path = ["evaluation", "threatModels", "whitebox", "attacks", "PGD", "steps"];
  const { evaluation } = applyOverrides(shared, [{ path, text: "3" }]);
  assert.equal(evaluation.threatModels.whitebox.attacks.PGD.steps, 3);
  assert.equal(evaluation.threatModels.oblivious.attacks.PGD.steps, 8);
});

Deno.test("applyOverrides() sets a substitute's training in part", () => {
  const substitutes = { other: { architecture: "resnet20", weights: "" } };
  const preset = { ...samplePreset, evaluation: { ...samplePreset.evaluation, substitutes } };
  const path = ["evaluation", "substitutes", "other", "train", "epochs"];
  const { evaluation } = applyOverrides(preset, [{ path, text: "3" }]);
  assert.deepEqual(evaluation.substitutes!.other.train, { epochs: 3 });
  const odd = { path: path.with(-1, "epoch"), text: "3" };
  assert.throws(() => applyOverrides(preset, [odd]), /did you mean "epochs"/);
});

Deno.test("applyOverrides() sets optional settings that the preset leaves out", () => {
  assert.equal(apply("--attack.restarts=3").attack.restarts, 3);
});

Deno.test("applyOverrides() suggests what a misspelt setting was meant to be", () => {
  fails(["--train.batchsize=8"], /no "batchsize" in train: did you mean "batchSize"\?/);
  fails(["--trian.batchSize=8"], /no "trian": did you mean "train"\?/);
  fails(["--attack.stepsize=1"], /did you mean "stepSize"\?/);
  fails(["--evaluation.threatModels.oblivious.attacks.PDG.steps=1"], /did you mean "PGD"\?/);
  fails(["--evaluation.threatModels.whitbox.attacks.PGD.steps=1"], /did you mean "whitebox"\?/);
  fails(["--evaluation.systems.jpg.defenses.0.quality=1"], /did you mean "jpeg"\?/);
  fails(["--evaluation.systems.jpeg.defenses.0.qualty=1"], /did you mean "quality"\?/);
  fails(["--discriminator.banana=1"], /known are "width", "layers", "scales", "condition"/);
});

Deno.test("applyOverrides() refuses values of another type or out of range", () => {
  fails(["--train.batchSize=many"], /train.batchSize as it must be a number.*got "many"/);
  fails(["--train.batchSize=2.5"], /train.batchSize must be an integer: current value is 2.5/);
  fails(["--train.batchSize=0"], /train.batchSize must be greater than or equal to 1/);
  fails(["--losses.stopGradient=true"], /must be one of "none", "perceptual", "all"/);
  fails(["--losses.setting=full-ish"], /must be one of "full"/);
  fails(["--generator.size=32"], /two numbers, e.g. 32x32/);
  fails(["--attack.epsilon="], /must be a number/);
  const jpeg = "evaluation.systems.jpeg.defenses.0";
  for (const [text, current] of [["101", "101"], ["high", '"high"'], ["true", "true"]]) {
    fails(
      [`--${jpeg}.quality=${text}`],
      new RegExp(
        `${jpeg}.quality must be an integer from 1 to 100: current value is ${current}`,
      ),
    );
  }
  fails(
    [`--${jpeg}.name=jpgg`],
    /name as it must be one of "identity", "generator", "jpeg", .*: got "jpgg"/,
  );
  fails([`--${jpeg}.name=identity`], /quality is not a setting: known are "name"/);
});

Deno.test("applyOverrides() refuses groups, and paths below a value", () => {
  const attacks = "--evaluation.threatModels.oblivious.attacks";
  fails([`${attacks}=pgd`], /set one by one, e.g. --\S+oblivious.attacks.NAME=VALUE/);
  fails(["--train.schedule=cosine"], /e.g. --train.schedule.name=VALUE/);
  fails(["--train.batchSize.x=3"], /train.batchSize is a single value/);
});

Deno.test("parsePreset() takes a preset back from JSON, and names what is wrong", () => {
  assert.deepEqual(parsePreset(JSON.parse(JSON.stringify(samplePreset)), "it"), samplePreset);
  const bad = (change: object) => () => parsePreset({ ...samplePreset, ...change }, "run.json");
  assert.throws(
    bad({ seeed: 1 }),
    /Cannot use run.json as seeed is not a setting: did you mean "seed"\?/,
  );
  assert.throws(bad({ seed: "1" }), /seed must be a number: current value is "1"/);
  assert.throws(bad({ train: undefined }), /train must be an object: it is missing/);
  assert.throws(
    bad({ discriminator: { ...samplePreset.discriminator, width: 0 } }),
    /discriminator.width/,
  );
  assert.throws(() => parsePreset(null, "run.json"), /Cannot use run.json as it must be an object/);
});

Deno.test("applyOverrides() sets a dataset's own options, which presets may leave out", () => {
  const set = (...settings: [string, string][]) =>
    applyOverrides(
      samplePreset,
      settings.map(([name, text]) => ({ path: ["dataset", "options", name], text })),
    ).dataset.options;
  assert.equal(set(), undefined);
  assert.deepEqual(
    set(["objects", "3"], ["extra", "false"], ["train", "VOC2007/trainval,VOC2012/trainval"]),
    { objects: 3, extra: false, train: "VOC2007/trainval,VOC2012/trainval" },
  );
  assert.equal(samplePreset.dataset.options, undefined);
});

Deno.test("applyOverrides() sets entries of lists that are there, and says that lists are a preset's", () => {
  const members = [{ name: "fgsm" }, { name: "pgd", steps: 3 }];
  const preset = { ...samplePreset, attack: { name: "mixture", epsilon: 0.1, members } };
  const set = (base: typeof samplePreset, path: string, text: string) =>
    applyOverrides(base, [{ path: path.split("."), text }]).attack.members;
  const changed = set(preset, "attack.members.1.steps", "5") as readonly AttackSettings[];
  assert.equal(changed[1].steps, 5);
  for (
    const [base, path] of [
      [preset, "attack.members"],
      [preset, "attack.members.2.name"],
      [samplePreset, "attack.members.0.name"],
    ] as const
  ) {
    assert.throws(
      () => set(base, path, "pgd"),
      /as lists can only be set in a preset: .*--plugin$/,
    );
  }
});

Deno.test('applyOverrides() takes "all" for a number of examples, and a normalisation', () => {
  const all = ["dataset.trainExamples", "dataset.classes", "evaluation.examples"];
  const preset = apply(...all.map((path) => `--${path}=all`));
  assert.deepEqual(
    [preset.dataset.trainExamples, preset.dataset.classes, preset.evaluation.examples],
    [0, 0, 0],
  );
  fails(["--evaluation.examples=some"], /must be an integer, or "all": got "some"/);
  fails(["--train.batchSize=all"], /must be a number/);
  const mean = "--target.normalization.mean=0.5,0.4,0.3";
  const { target } = apply(mean, "--target.normalization.deviation=1/4,1/4,0.25");
  assert.deepEqual(target.normalization, { mean: [0.5, 0.4, 0.3], deviation: [0.25, 0.25, 0.25] });
  fails([mean], /target\.normalization\.deviation must be .*missing/);
  fails(["--target.normalization.mean=0.5"], /three numbers, e\.g\. 0\.485/);
  const zero = "--target.normalization.deviation=0,1,1";
  fails(
    [mean, zero],
    /target\.normalization\.deviation\.0 must be greater than or equal to 0.0001/,
  );
});

Deno.test("applyOverrides() begins with an attack's own defaults where its name is set, and keeps what both have", () => {
  const trades = { ...samplePreset.attack, objective: "kl", randomStart: "trades", restarts: 2 };
  const from = { ...samplePreset, attack: trades };
  const set = (...args: string[]) => applyOverrides(from, splitOverrides(args).overrides);
  assert.deepEqual(set("--attack.name=fgsm").attack, { name: "fgsm", epsilon: 0.031 });
  assert.deepEqual(set("--attack.name=bim").attack, {
    ...{ name: "bim", epsilon: 0.031, stepSize: 0.0075, steps: 8 },
  });
  assert.deepEqual(set("--attack.name=pgd").attack, trades);
  const { objective: _, ...shared } = trades;
  assert.deepEqual(set("--attack.name=pgd-cw").attack, { ...shared, name: "pgd-cw" });
  // In whatever order they are written, options are those of the attack that is named.
  for (
    const order of [["--attack.candidates=5", "--attack.name=deepfool"], [
      "--attack.name=deepfool",
      "--attack.candidates=5",
    ]]
  ) {
    assert.deepEqual(set(...order).attack, {
      name: "deepfool",
      epsilon: 0.031,
      steps: 8,
      candidates: 5,
    });
  }
  fails(["--attack.steps=3", "--attack.name=fgsm"], /there is no "steps" in attack/);
});

Deno.test("applyOverrides() sets one setting where a preset has the same object in two places", () => {
  const { train, attack, evaluation } = apply("--train.schedule.peak=1e-3", "--attack.steps=3");
  assert.equal(samplePreset.train.schedule, samplePreset.train.discriminatorSchedule);
  assert.deepEqual([train.schedule.peak, train.discriminatorSchedule.peak], [1e-3, 2e-4]);
  assert.deepEqual([attack.steps, evaluation.threatModels.oblivious.attacks.PGD.steps], [3, 8]);
});
