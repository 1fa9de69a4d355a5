import type { Preset } from "@realign/core";
import { attacks } from "@realign/core/attacks";
import assert from "node:assert/strict";
import { lossValues } from "./loss_values.ts";
import { published } from "./paper_results.ts";
import { publishedRivals } from "./paper_rivals.ts";
import { presets } from "./presets.ts";
import { createClassification } from "./task.ts";

const task = createClassification(["a", "b"], [32, 32]);

for (const [name, preset] of Object.entries(presets)) {
  Deno.test(`${name} names itself, and only what exists`, () => {
    assert.equal(preset.name, name);
    assert.equal(preset.task, task.name);
    const all = [
      preset.attack,
      ...Object.values(preset.evaluation.threatModels).flatMap(({ attacks }) =>
        Object.values(attacks)
      ),
    ];
    for (const settings of all) {
      assert.ok(settings.name in attacks, settings.name);
      assert.ok(`${settings.objective ?? "cross-entropy"}` in task.objectives);
    }
    assert.ok(preset.train.augmentation in task.augmentations);
    assert.ok(preset.target.train.augmentation in task.augmentations);
  });

  Deno.test(`${name} has sizes that G can halve and double`, () => {
    const factor = 2 ** preset.generator.downsamplings;
    for (const side of preset.generator.size) assert.equal(side % factor, 0);
    assert.deepEqual(preset.generator.size, preset.dataset.size);
    assert.deepEqual(preset.target.size, preset.dataset.size);
  });

  // What is certified is trained on noise, what is robust on attacks through G.
  if (/-(certified|robust)$/.test(name)) continue;
  Deno.test(`${name} has the paper's attacks (A.1)`, () => {
    const { attack, evaluation } = preset;
    const of = ({ epsilon, stepSize, steps, objective }: Preset["attack"]) => ({
      epsilon,
      stepSize,
      steps,
      objective,
    });
    // The demo trains G against steps as short and as many as those that it is tested with.
    const [stepSize, steps] = name.startsWith("cls-shapes") ? [0.0075, 8] : [0.0175, 4];
    assert.deepEqual(of(attack), { epsilon: 0.031, stepSize, steps, objective: "kl" });
    const { pgd, deepfool, "pgd-cw": carliniWagner } = evaluation.threatModels.oblivious.attacks;
    assert.deepEqual(of(pgd), {
      epsilon: 0.031,
      stepSize: 0.0075,
      steps: 8,
      objective: "cross-entropy",
    });
    assert.deepEqual(of(carliniWagner), {
      epsilon: 0.031,
      stepSize: 0.0075,
      steps: 8,
      objective: undefined,
    });
    assert.equal(carliniWagner.name, "pgd-cw");
    assert.equal(deepfool.epsilon, 0.031);
  });
}

Deno.test("presets of the paper's datasets are of the paper's size and carry its figures", () => {
  for (const name of ["cls-cifar10", "cls-cifar100", "cls-imagenet64", "cls-tiny-imagenet"]) {
    const { target, generator, evaluation } = presets[name];
    assert.equal(target.architecture, "wrn-34-10");
    assert.deepEqual([generator.width, generator.blocks, generator.downsamplings], [64, 9, 2]);
    const attacks = Object.keys(evaluation.threatModels.oblivious.attacks);
    for (const setting of ["full", "L_I", "L_F", "L_I+F", "L_T", "L_T+F"] as const) {
      const { losses } = presets[name];
      const { figures } = published({ ...presets[name], losses: { ...losses, setting } })!;
      for (const row of ["none", "generator", ...(setting === "full" ? ["generator+jpeg"] : [])]) {
        assert.deepEqual(Object.keys(figures[row]), ["clean", ...attacks]);
        assert.ok(row === "none" || row in evaluation.systems);
      }
    }
  }
  const of = (name: string) => published(presets[name])!;
  assert.equal(of("cls-cifar10").figures.generator.pgd, 85.1);
  assert.equal(of("cls-cifar10-small").table, "Tables 1 and 5, CIFAR10");
  assert.equal(of("cls-cifar100").figures.generator["pgd-cw"], 67.7);
  assert.equal(of("cls-imagenet64").figures.none.clean, 64.5);
  assert.equal(published(presets["cls-shapes"]), undefined);
});

Deno.test("presets of the authors' values differ from the paper's in losses, training and the substitute's names", () => {
  const trainings = {
    "cls-cifar10": [64, 100, "flip-crop"],
    "cls-cifar100": [64, 100, "flip-crop"],
    "cls-tiny-imagenet": [16, 30, "flip"],
  };
  for (const [name, expected] of Object.entries(trainings)) {
    const { losses, train, perceptual, discriminator, generator, evaluation, ...rest } =
      presets[`${name}-authors`];
    const paper = presets[name];
    const resnet50 = { architecture: "resnet50-kuangliu", weights: "" };
    assert.deepEqual(evaluation, { ...paper.evaluation, substitutes: { resnet50 } });
    assert.deepEqual(losses, { ...lossValues.authors.losses, setting: "full" });
    assert.deepEqual([losses.features, losses.weights.task, losses.margin], ["logits", 2, 5]);
    assert.deepEqual([perceptual.architecture, perceptual.width], ["vgg19", 64]);
    assert.equal(discriminator.condition, "labels");
    assert.deepEqual(generator, { ...paper.generator, resize: "align-corners" });
    assert.deepEqual([train.batchSize, train.epochs, train.augmentation], expected);
    assert.deepEqual(train.schedule, { name: "constant", peak: 2e-4, warmup: 0 });
    assert.deepEqual({ ...paper, ...rest, name }, paper);
  }
});

Deno.test("presets of the paper's WideResNets attack a ResNet-50 in their place, with Table 12's figures", () => {
  for (const name of ["cls-cifar10", "cls-cifar100", "cls-imagenet64"]) {
    const { evaluation: { substitutes, threatModels } } = presets[name];
    assert.deepEqual(Object.keys(substitutes!), ["resnet50"]);
    assert.match(substitutes!.resnet50.architecture!, /^resnet50-/);
    assert.deepEqual(threatModels.transfer.attacks, threatModels.oblivious.attacks);
    const { transfer } = published(presets[name])!.threatModels!;
    assert.match(transfer.table, /^Table 12/);
    for (const row of ["none", "generator"]) {
      assert.deepEqual(
        Object.keys(transfer.figures[row]),
        ["clean", ...Object.keys(threatModels.transfer.attacks)],
      );
    }
  }
  const { transfer } = published(presets["cls-cifar10-small"])!.threatModels!;
  assert.equal(transfer.figures.generator.pgd, 81.4);
  assert.equal(presets["cls-cifar10-small"].evaluation.substitutes, undefined);
});

Deno.test("published figures of ResNet-50 are Table 6's, and Table 15's behind a G of another O", () => {
  const name = "cls-cifar10-resnet50";
  const resNet = published(presets[name])!;
  assert.equal(resNet.figures.generator.pgd, 82.7);
  assert.equal(resNet.figures["generator+jpeg"].clean, 89.3);
  assert.equal(resNet.threatModels, undefined);
  assert.equal(presets[name].evaluation.threatModels.transfer, undefined);
  const moved = published(presets[name], presets["cls-cifar10"])!;
  assert.deepEqual(moved.figures, { generator: { pgd: 73.3, deepfool: 88.4, "pgd-cw": 89.1 } });
  assert.equal(published(presets["cls-cifar10"], presets[name]), undefined);
  assert.equal(
    published(presets["cls-imagenet64-resnet50"], presets["cls-imagenet64"]),
    undefined,
  );
});

Deno.test("published figures of other defenses are those of the tables with this O and this attacker", () => {
  const wide = presets["cls-cifar10"];
  const resNet = { ...wide, target: { ...wide.target, architecture: "resnet50-cifar" } };
  const nrp = (preset: typeof wide, view: "own" | "transfer" | "moved") =>
    Object.values(publishedRivals(preset, view)?.figures.NRP ?? {});
  assert.deepEqual(nrp(wide, "own"), [91.8, 82.7, 88.6, 88.8]);
  assert.deepEqual(nrp(resNet, "own"), [90.3, 80.5, 87, 87.3]);
  assert.deepEqual(nrp(wide, "transfer"), [91.8, 79, 89.2, 89.8]);
  assert.deepEqual(nrp(resNet, "moved"), [60.4, 87.3, 88]);
  assert.deepEqual(
    nrp(resNet, "transfer"),
    [],
    "the paper attacks only the WideResNet from the ResNet",
  );
  assert.equal(publishedRivals(presets["cls-shapes"], "own"), undefined);
});

Deno.test("presets of adversarially trained O have the published trainings, and attack O alone as one who knows it", () => {
  const trades = presets["cls-cifar10-trades"].target.train;
  assert.deepEqual([trades.batchSize, trades.epochs, trades.adversarial?.beta], [128, 76, 6]);
  assert.deepEqual([trades.schedule.peak, trades.schedule.drops], [0.1, [74 / 76]]);
  assert.deepEqual([trades.optimizer.nesterov, trades.optimizer.weightDecay], [false, 2e-4]);
  const { attack } = trades.adversarial!;
  assert.deepEqual([attack?.epsilon, attack?.stepSize, attack?.steps], [0.031, 0.007, 10]);
  const free = presets["cls-cifar10-free"].target.train;
  // 80,000 updates of 128 of 50,000 pictures.
  assert.ok(Math.abs(free.epochs * Math.floor(50_000 / 128) - 80_000) < 100);
  assert.deepEqual(free.adversarial, { replays: 8, epsilon: 8 / 255 });
  assert.deepEqual(free.schedule.drops, [0.5, 0.75]);
  for (const [name, { target, evaluation }] of Object.entries(presets)) {
    if (!target.train.adversarial) continue;
    assert.ok(evaluation.threatModels.whitebox.systems?.includes("none"), name);
  }
});
