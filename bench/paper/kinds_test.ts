import classification from "@realign/classification";
import assert from "node:assert/strict";
import { RIVALS } from "./rivals.ts";
import { cellsOf, datasetBeside, fileWordOf, headingOf, kindOf, KINDS, secondOf } from "./kinds.ts";

const preset = classification.presets["cls-cifar10-small"];

Deno.test("kindOf() finds the tables of a task, and says which there are", () => {
  assert.deepEqual(KINDS.map(({ name }) => name), [
    ..."1 2 3 5 6 7 8 10 11 12 13 14 15 16".split(" "),
    "values",
  ]);
  for (const { name, tasks } of KINDS) {
    for (const task of tasks) assert.equal(kindOf(name, task).name, name);
  }
  assert.throws(
    () => kindOf("3", "detection"),
    /as the paper has it for classification: .* 2, 5, /,
  );
  assert.throws(() => kindOf("4", "detection"), /Cannot fill table 4: .* are 1, 2, 3, 5, /);
  assert.throws(
    () => kindOf("16", "detection"),
    /as the paper has it for segmentation: tables of detection are 2, 5, 7, 11, 12, 14, values$/,
  );
});

Deno.test("cells and second networks are the table's and the preset's", () => {
  const names = (table: string) =>
    cellsOf(kindOf(table, "classification"), preset).map(({ name }) => name);
  assert.deepEqual(names("6"), ["L_I", "L_F", "L_I+F", "L_T", "L_T+F", "full"]);
  assert.equal(names("1").length, 9);
  assert.deepEqual(names("5"), ["full"]);
  assert.deepEqual(names("3"), ["full", ...Object.keys(RIVALS)]);
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
