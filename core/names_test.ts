import assert from "node:assert/strict";
import { didYouMean, lookUp, suggest } from "./names.ts";

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

Deno.test("didYouMean() lists what there is when nothing is near", () => {
  assert.equal(didYouMean("evalute", COMMANDS), 'did you mean "evaluate"?');
  assert.equal(didYouMean("zzz", ["a", "b"]), 'known are "a", "b"');
  assert.equal(didYouMean("zzz", []), "there are none");
});

Deno.test("lookUp() finds own entries alone, and names the nearest otherwise", () => {
  assert.equal(lookUp({ pgd: 1 }, "pgd", "attack", "the attack"), 1);
  assert.throws(
    () => lookUp({ pgd: 1 }, "pdg", 'attack "O"', "the attack"),
    new RangeError('Cannot attack "O" as the attack "pdg" is unknown: did you mean "pgd"?'),
  );
  assert.throws(() => lookUp({ pgd: 1 }, "toString", "attack", "the attack"), RangeError);
});
