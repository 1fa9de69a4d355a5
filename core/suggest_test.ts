import assert from "node:assert/strict";
import { suggest } from "./suggest.ts";

const COMMANDS = ["train", "train-target", "attack", "evaluate", "report", "defend"];

Deno.test("suggest() finds the word that a slip was meant to be", () => {
  assert.equal(suggest("evalute", COMMANDS), "evaluate");
  assert.equal(suggest("tarin", COMMANDS), "train");
  assert.equal(suggest("reprot", COMMANDS), "report");
  assert.equal(suggest("traintarget", COMMANDS), "train-target");
  assert.equal(suggest("CLS-CIFAR", ["cls-shapes", "cls-cifar10"]), "cls-cifar10");
  assert.equal(suggest("batchsize", ["batchSize", "epochs"]), "batchSize");
});

Deno.test("suggest() prefers the nearer of two words", () => {
  assert.equal(suggest("cls-cifar100", ["cls-cifar10", "cls-cifar100"]), "cls-cifar100");
  assert.equal(suggest("resnet21", ["resnet110", "resnet20"]), "resnet20");
});

Deno.test("suggest() stays silent when nothing is near", () => {
  assert.equal(suggest("banana", COMMANDS), undefined);
  assert.equal(suggest("x", COMMANDS), undefined);
});
