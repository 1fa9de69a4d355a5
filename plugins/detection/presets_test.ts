import { createRandom, type Preset } from "@realign/core";
import { attacks, type AttackSettings } from "@realign/core/attacks";
import assert from "node:assert/strict";
import { lossValues } from "./loss_values.ts";
import { published } from "./paper_results.ts";
import { presets } from "./presets.ts";
import { createDetection } from "./task.ts";

const task = createDetection(["a", "b"]);
type Member = Pick<AttackSettings, "name"> & Readonly<Record<string, unknown>>;

const membersOf = ({ members = [] }: Member) => members as readonly Member[];

function attacksOf({ attack, evaluation }: Preset): AttackSettings[] {
  const groups = Object.values(evaluation.threatModels);
  return [attack, ...groups.flatMap(({ attacks }) => Object.values(attacks))];
}

for (const [name, preset] of Object.entries(presets)) {
  Deno.test(`${name} names itself, and only what exists`, () => {
    assert.equal(preset.name, name);
    assert.equal(preset.task, task.name);
    const check = (settings: Member) => {
      assert.ok(settings.name in { ...attacks, ...task.attacks }, settings.name);
      assert.ok(`${settings.objective ?? "cls"}` in task.objectives);
      membersOf(settings).forEach(check);
    };
    attacksOf(preset).forEach(check);
    assert.ok(preset.train.augmentation in task.augmentations);
    assert.ok(preset.target.train.augmentation in task.augmentations);
  });

  Deno.test(`${name} attacks with exactly 8 of 255, and trains on classes or locations`, () => {
    for (const { epsilon } of attacksOf(preset)) assert.equal(epsilon, 8 / 255);
    assert.equal(preset.attack.name, "mixture");
    assert.deepEqual(membersOf(preset.attack).map(({ objective }) => objective), ["cls", "loc"]);
    const iterated = ["cls", "loc", "cls+loc", "mtd"];
    const { attacks } = preset.evaluation.threatModels.oblivious;
    const names = Object.keys(attacks);
    if (name.endsWith("-authors")) {
      assert.deepEqual(names, ["cls", "loc", "cls+loc", "cls+loc-10", "mtd"]);
      const single = ["cls", "loc", "cls+loc"];
      assert.deepEqual(single.map((name) => attacks[name].name), ["fgsm", "fgsm", "fgsm"]);
      assert.deepEqual(membersOf(preset.attack).map(({ name }) => name), ["fgsm", "fgsm"]);
      return;
    }
    assert.deepEqual(names, ["cls-fgsm", "loc-fgsm", ...iterated]);
    for (const name of iterated) assert.ok(Number(attacks[name].steps) >= 10);
  });

  Deno.test(`${name} has sizes that G can halve and double, and O's is its architecture's`, () => {
    const factor = 2 ** preset.generator.downsamplings;
    for (const side of preset.generator.size) assert.equal(side % factor, 0);
    const sized = name.endsWith("-authors") ? preset.target : preset.generator;
    assert.deepEqual(preset.dataset.size, sized.size);
    const [, size] = /^[a-z]+(\d+)-/.exec(preset.target.architecture)!;
    assert.deepEqual(preset.target.size, [Number(size), Number(size)]);
  });
}

Deno.test("presets of the paper are of its sizes and carry its figures", () => {
  for (const name of ["det-voc0712", "det-voc0712-rfbnet"]) {
    const { target, generator } = presets[name];
    assert.deepEqual(target.size, [300, 300]);
    assert.deepEqual(generator.size, [256, 256]);
    assert.deepEqual([generator.width, generator.blocks, generator.downsamplings], [64, 9, 4]);
    assert.deepEqual(Object.keys(published(presets[name])!.figures), [
      "none",
      "generator",
      "generator+jpeg",
    ]);
  }
  assert.equal(published(presets["det-voc0712"])!.figures.generator["cls+loc"], 44.7);
  assert.equal(published(presets["det-voc0712-rfbnet"])!.figures.none.clean, 80.6);
});

Deno.test("architectures of small presets can be built", () => {
  for (const name of ["det-shapes", "det-bccd-small"]) {
    using model = task.createTarget(presets[name].target.architecture, createRandom(1));
    assert.ok(model.parameters.size > 0);
  }
});

Deno.test("the preset of the authors' values has their losses, and no augmentation", () => {
  const { losses, train, discriminator, generator } = presets["det-voc0712-authors"];
  assert.deepEqual(losses, { ...lossValues.authors.losses, setting: "full" });
  const { task: ofTask, classAlign, classInter, classIntra } = losses.weights;
  assert.deepEqual([ofTask, classAlign, classInter, classIntra], [1, 1, 0.05, 0]);
  assert.deepEqual(
    [losses.features, losses.reconstructionFeatures, losses.ignored],
    ["cells", "map", "skip"],
  );
  assert.deepEqual([discriminator.condition, generator.resize], ["none", "align-corners"]);
  assert.deepEqual([train.batchSize, train.epochs, train.augmentation], [4, 70, "none"]);
  assert.equal(published(presets["det-voc0712-authors"])!.figures.generator.cls, 44.0);
});

Deno.test("the preset of the paper's SSD attacks an RFBNet in its place, with Table 12's figures", () => {
  const ssd = presets["det-voc0712"];
  const rfbNet = presets["det-voc0712-rfbnet"];
  const { substitutes, threatModels } = ssd.evaluation;
  assert.equal(substitutes!.rfbnet.architecture, rfbNet.target.architecture);
  assert.deepEqual(threatModels.transfer.attacks, threatModels.oblivious.attacks);
  assert.equal(published(ssd)!.threatModels!.transfer.figures.none.cls, 17.9);
  assert.equal(published(rfbNet)!.threatModels, undefined);
  assert.equal(rfbNet.evaluation.substitutes, undefined);
  assert.equal(published(rfbNet, ssd), undefined, "the paper moves no detector's G");
});
