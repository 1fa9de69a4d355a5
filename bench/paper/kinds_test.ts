import classification from "@realign/classification";
import detection from "@realign/detection";
import segmentation from "@realign/segmentation";
import assert from "node:assert/strict";
import { cellsOf, datasetBeside, fileWordOf, headingOf, kindOf, KINDS, secondOf } from "./kinds.ts";

const preset = classification.presets["cls-cifar10-small"];

Deno.test("kindOf() finds the tables of a task, and says which there are", () => {
  assert.deepEqual(KINDS.map(({ name }) => name), [
    ..."1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16".split(" "),
    "values",
  ]);
  for (const { name, tasks } of KINDS) {
    for (const task of tasks) assert.equal(kindOf(name, task).name, name);
  }
  assert.throws(
    () => kindOf("3", "detection"),
    /as the paper has it for classification: .* 2, 4, 5, /,
  );
  assert.throws(() => kindOf("17", "detection"), /Cannot fill table 17: .* are 1, 2, 3, 4, 5, /);
  assert.throws(
    () => kindOf("15", "detection"),
    /as the paper has it for classification: tables of detection are 2, 4, 5, 7, 9, 11, 12, 14, 16, values$/,
  );
});

Deno.test("cells and second networks are the table's and the preset's", () => {
  const names = (table: string) =>
    cellsOf(kindOf(table, "classification"), preset).map(({ name }) => name);
  assert.deepEqual(names("6"), ["L_I", "L_F", "L_I+F", "L_T", "L_T+F", "full"]);
  assert.equal(names("1").length, 9);
  assert.deepEqual(names("5"), ["full"]);
  const learned = "ape-gan hgd nrp fpd defense-gan sr";
  assert.deepEqual(
    names("3").join(" "),
    `full none-finetuned trades trades-finetuned free free-finetuned pgd-at fast quilting tvm+quilting jpeg randomization ${learned} identity bicubic`,
  );
  assert.equal(secondOf(preset, undefined).architecture, "resnet20");
  assert.equal(secondOf(preset, "resnet32").architecture, "resnet32");
  const own = { ...preset, name: "mine" };
  assert.throws(() => secondOf(own, undefined), /with --second-architecture NAME$/);
  assert.equal(datasetBeside(own), "cifar10");
  assert.equal(datasetBeside({ ...own, name: "seg-camvid-small" }), "cityscapes");
});

Deno.test("a table by a suite has a name of its own", () => {
  const kind = kindOf("3", "classification");
  assert.deepEqual([headingOf(kind), fileWordOf(kind)], ["Table 3", "3"]);
  const standard = { ...kind, suite: "standard" };
  assert.equal(headingOf(standard), "Table 3 by the suite standard");
  assert.equal(fileWordOf(standard), "3-standard");
});

Deno.test("tables of segmentation and detection have the paper's rows, and controls", () => {
  const dense = (table: string, { name, presets }: typeof segmentation) =>
    cellsOf(kindOf(table, name), Object.values(presets)[0]).map(({ name }) => name).join(" ");
  const learned = "ape-gan hgd nrp fpd defense-gan sr";
  for (const table of ["4", "9", "14"]) {
    assert.equal(
      dense(table, segmentation),
      `full none-finetuned sat sat-finetuned ddcat ddcat-finetuned jpeg ${learned} identity bicubic`,
    );
    assert.equal(
      dense(table, detection),
      `full none-finetuned cls loc con mtd jpeg ${learned} identity bicubic`,
    );
  }
  for (const task of [segmentation, detection]) {
    assert.equal(dense("16", task), `L_I L_F L_I+F L_T L_T+F full ${learned}`);
  }
  const [nine, fourteen] = ["9", "14"].map((name) => kindOf(name, "detection"));
  assert.deepEqual([nine.view, nine.onSecond], ["own", true]);
  assert.deepEqual([fourteen.view, fourteen.onSecond], ["transfer", false]);
  for (
    const [preset, second] of [
      [segmentation.presets["seg-camvid-small"], "deeplabv3-resnet18-w0.5"],
      [detection.presets["det-bccd-small"], "rfb192-vgg16-bn-w0.1875"],
    ] as const
  ) assert.equal(secondOf(preset, undefined).architecture, second);
});
