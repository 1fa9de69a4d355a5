import type { Preset } from "@realign/core";
import { attacks } from "@realign/core/attacks";
import assert from "node:assert/strict";
import { segmentationAttacks } from "./attacks.ts";
import { lossValues } from "./loss_values.ts";
import { auxiliaryWeight } from "./models/mod.ts";
import { published } from "./paper_results.ts";
import { presets } from "./presets.ts";
import { createSegmentation } from "./task.ts";

const task = createSegmentation({ classNames: ["a", "b"], imageSize: [32, 32] });

const budgetOf = ({ epsilon, stepSize, steps }: Preset["attack"]) => ({ epsilon, stepSize, steps });

for (const [name, preset] of Object.entries(presets)) {
  Deno.test(`${name} names itself, and only what exists`, () => {
    assert.deepEqual([preset.name, preset.task], [name, task.name]);
    const all = [
      preset.attack,
      ...Object.values(preset.evaluation.threatModels).flatMap(({ attacks }) =>
        Object.values(attacks)
      ),
    ];
    for (const settings of all) {
      assert.ok(settings.name in attacks || settings.name in segmentationAttacks, settings.name);
      assert.ok(`${settings.objective ?? "cross-entropy"}` in task.objectives);
    }
    assert.ok(preset.train.augmentation in task.augmentations);
    assert.ok(preset.target.train.augmentation in task.augmentations);
    assert.ok(auxiliaryWeight(preset.target.architecture) > 0);
  });

  Deno.test(`${name} has sizes that G can halve and double`, () => {
    const factor = 2 ** preset.generator.downsamplings;
    for (const side of preset.generator.size) assert.equal(side % factor, 0);
    const { size } = name.endsWith("-authors") ? preset.target : preset.generator;
    assert.deepEqual(preset.dataset.size, size);
  });

  Deno.test(`${name} has the paper's attacks (A.1)`, { ignore: name.endsWith("-robust") }, () => {
    const { attack, evaluation } = preset;
    assert.equal(attack.name, "bim");
    assert.deepEqual(budgetOf(attack), { epsilon: 0.03, stepSize: 0.01, steps: 3 });
    const { oblivious, whitebox } = evaluation.threatModels;
    const { bim, deepfool, "pgd-cw": carliniWagner } = oblivious.attacks;
    assert.deepEqual(budgetOf(bim), { epsilon: 0.03, stepSize: 0.01, steps: 4 });
    assert.equal(deepfool.epsilon, 0.03);
    assert.deepEqual([carliniWagner.epsilon, carliniWagner.stepSize], [0.03, 0.01]);
    for (const name of Object.keys(oblivious.attacks)) assert.ok(name in whitebox.attacks);
  });
}

Deno.test("presets of the paper's datasets are of the paper's sizes and carry its figures", () => {
  const sides = { "seg-cityscapes": 425, "seg-voc2012": 417 };
  for (const [name, side] of Object.entries(sides)) {
    const { target, generator, evaluation } = presets[name];
    assert.equal(target.architecture, "pspnet-resnet50");
    assert.deepEqual(target.size, [side, side]);
    assert.deepEqual(generator.size, [512, 512]);
    assert.deepEqual([generator.width, generator.blocks, generator.downsamplings], [64, 9, 4]);
    const { figures } = published(presets[name])!;
    for (const row of ["none", "generator", "generator+jpeg"]) {
      assert.deepEqual(Object.keys(figures[row]), [
        "clean",
        ...Object.keys(evaluation.threatModels.oblivious.attacks),
      ]);
    }
  }
  assert.equal(published(presets["seg-cityscapes"])!.figures.generator.bim, 58.5);
  assert.equal(published(presets["seg-voc2012"])!.figures.none["pgd-cw"], 2.6);
  assert.equal(published(presets["seg-camvid-small"]), undefined);
});

Deno.test("presets of published trainings have the heads learn ten times as fast as the backbone, small ones alike", () => {
  for (const [name, { target }] of Object.entries(presets)) {
    const published = /^seg-(cityscapes|voc2012)/.test(name);
    assert.equal(target.train.headRate, published ? 10 : undefined, name);
    assert.equal(
      target.train.optimizer.name === "sgd" && target.train.schedule.peak === 0.01,
      published,
    );
  }
});

Deno.test("presets of the authors' values give O images of its size and G its own", () => {
  for (
    const [name, epochs, side, scales, stride] of [
      ["seg-cityscapes", 70, 425, "0.25-1", 284],
      ["seg-voc2012", 20, 417, "0.5-2", 278],
    ]
  ) {
    const { losses, train, target, dataset, generator, discriminator, evaluation } =
      presets[`${name}-authors`];
    assert.deepEqual([train.augmentation, target.train.augmentation], [
      `semseg-${scales}`,
      `semseg-${scales}`,
    ]);
    assert.deepEqual(dataset.options, { fit: "native" });
    assert.deepEqual(evaluation.window!.stride, [stride, stride]);
    assert.equal(evaluation.window!.mirror, true);
    const { architecture } = evaluation.substitutes!.deeplabv3;
    assert.equal(architecture, "deeplabv3-resnet50-semseg");
    assert.deepEqual(losses, { ...lossValues.authors.losses, setting: "full" });
    assert.deepEqual(
      [losses.features, losses.ignored, losses.intraReduction, losses.at, losses.weights.task],
      ["logits", "class", "rows", "generator", 2],
    );
    assert.deepEqual(
      [discriminator.condition, generator.resize, generator.size, dataset.size],
      ["labels", "align-corners", [512, 512], [side, side]],
    );
    assert.deepEqual(
      [train.batchSize, train.epochs, train.schedule.name],
      [1, epochs, "constant"],
    );
  }
});

Deno.test("presets of the paper's PSPNets attack a DeepLabv3 in their place; its own figures are Table 7's", () => {
  for (const name of ["seg-cityscapes", "seg-voc2012"]) {
    const { evaluation: { substitutes, threatModels } } = presets[name];
    assert.equal(substitutes!.deeplabv3.architecture, "deeplabv3-resnet50");
    assert.deepEqual(threatModels.transfer.attacks, threatModels.oblivious.attacks);
    assert.match(published(presets[name])!.threatModels!.transfer.table, /^Table 12/);
  }
  const other = presets["seg-cityscapes-deeplabv3"];
  assert.equal(published(other)!.figures.generator.bim, 59);
  assert.equal(other.evaluation.threatModels.transfer, undefined);
  assert.deepEqual(published(other, presets["seg-cityscapes"])!.figures.generator, {
    bim: 59,
    deepfool: 61.7,
    "pgd-cw": 65.3,
  });
  assert.equal(presets["seg-camvid-small"].evaluation.substitutes, undefined);
});
