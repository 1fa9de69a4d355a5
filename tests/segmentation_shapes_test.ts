/** seg-shapes from the training of O to figures, with its own O and a narrower G: both learn. */
import { evaluateSystems, type Preset, trainGenerator, trainTarget } from "@realign/core";
import { generatorDefense } from "@realign/core/defenses";
import { useTestBackend } from "@realign/core/testing";
import { openDataset } from "@realign/datasets";
import segmentation, { presets } from "@realign/segmentation";
import assert from "node:assert/strict";

const whole = presets["seg-shapes"];

Deno.test("seg-shapes: O learns to outline shapes, attacks blur them, and G brings them back", async () => {
  await useTestBackend();
  const { size, classes } = whole.dataset;
  const own = { objects: 1 }; // a shape in each scene: learned in half the steps of three
  const open = (split: "train" | "test", examples: number) =>
    openDataset("shapes", split, { annotation: "labelMap", size, classes, examples, own });
  const [dataset, few, test] = [
    await open("train", 1000),
    await open("train", 240),
    await open("test", 40),
  ];
  const { bim, "pgd-cw": margin } = whole.evaluation.threatModels.oblivious.attacks;
  const preset: Preset = {
    ...whole,
    generator: { ...whole.generator, width: 8 },
    evaluation: {
      ...whole.evaluation,
      threatModels: {
        oblivious: { attacks: { bim, "pgd-cw": margin } },
        whitebox: { attacks: { bim }, systems: ["generator"] },
      },
    },
  };
  const task = segmentation.createTask(preset, dataset.classNames);
  using target = await trainTarget({ preset, task, dataset, steps: 300 });
  using generator = await trainGenerator({ preset, task, target, dataset: few, steps: 150 });
  using defense = generatorDefense(generator);
  const rows = await evaluateSystems({
    preset,
    task,
    target,
    dataset: test,
    systems: [{ name: "generator", title: "G", target, defense }],
  });
  const valueOf = (threatModel: string, attack: string, system: string) =>
    rows.find((row) =>
      row.threatModel === threatModel && row.attack === attack && row.system === system
    )!.metric.value;
  const clean = valueOf("none", "clean", "none");
  assert.ok(clean > 0.6, `O outlines shapes with an mIoU of ${clean}`);
  for (const attack of ["bim", "pgd-cw"]) {
    const attacked = valueOf("oblivious", attack, "none");
    const restored = valueOf("oblivious", attack, "generator");
    assert.ok(attacked < 0.4 * clean, `${attack} leaves ${attacked} of ${clean}`);
    assert.ok(restored > 0.75 * clean, `G brings ${attacked} of ${clean} to ${restored}`);
  }
  assert.ok(valueOf("whitebox", "bim", "generator") < valueOf("oblivious", "bim", "generator"));
});
