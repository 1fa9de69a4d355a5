import assert from "node:assert/strict";
import { didYouMean } from "./suggest.ts";

const COMMANDS = ["train", "train-target", "attack", "evaluate", "report", "defend"];

Deno.test("didYouMean() lists what there is when nothing is near", () => {
  assert.equal(didYouMean("evalute", COMMANDS), 'did you mean "evaluate"?');
  assert.equal(didYouMean("zzz", ["a", "b"]), 'known are "a", "b"');
  assert.equal(didYouMean("zzz", []), "there are none");
});
