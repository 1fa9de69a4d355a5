import assert from "node:assert/strict";
import type { View } from "../content.ts";
import { answerOf, changeOf } from "./answers.ts";
import { likeliest, percentText } from "./classes.ts";

const view = (kind: View["kind"], shape: number[], outputs = ["logits"]): View => ({
  ...{ kind, shape, outputs },
  classNames: ["cat", "dog"],
  colours: ["rgb(1 2 3)", "rgb(4 5 6)"],
});

Deno.test("answerOf names the likeliest classes by their softmax", () => {
  const classes = view("classes", [1, 2]);
  const answer = answerOf(classes, { logits: Float32Array.of(0, Math.log(3)) });
  assert.equal(answer.text, "dog 75.0 %");
  assert.deepEqual(answer.bars.map(({ name }) => name), ["dog", "cat"]);
  const other = answerOf(classes, { logits: Float32Array.of(1, 0) });
  assert.equal(changeOf(other, answer), "changed");
  assert.equal(changeOf(answerOf(classes, { logits: Float32Array.of(0, 9) }), answer), "");
  assert.equal(answerOf(classes, { logits: Float32Array.of(0, NaN) }).text, "not a number");
});

Deno.test("answerOf makes a label map, and tells how much of it changed", () => {
  const map = view("label-map", [1, 1, 4, 2]);
  const clean = answerOf(map, { logits: Float32Array.of(1, 0, 1, 0, 1, 0, 0, 1) });
  assert.equal(clean.text, "cat 75.0 %, dog 25.0 %");
  assert.deepEqual([...clean.map!.classes], [0, 0, 0, 1]);
  assert.deepEqual([...clean.map!.data.slice(-4)], [4, 5, 6, 255]);
  assert.deepEqual(clean.map!.size, [1, 4]);
  const attacked = answerOf(map, { logits: Float32Array.of(0, 1, 1, 0, 1, 0, 0, 1) });
  assert.equal(changeOf(attacked, clean), "25.0 % of the pixels changed");
});

Deno.test("answerOf decodes boxes and leaves out those that overlap", () => {
  const boxes = view("boxes", [1, 3, 3], ["logits", "offsets", "priors"]);
  const answer = answerOf(boxes, {
    logits: Float32Array.of(0, 9, 0, 0, 8, 0, 9, 0, 0),
    offsets: new Float32Array(12),
    priors: Float32Array.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.45, 0.2, 0.2, 0.1, 0.1),
  });
  assert.deepEqual(answer.boxes!.map(({ box, colour }) => [...box, colour]), [
    [0.25, 0.25, 0.75, 0.75, "rgb(1 2 3)"],
  ]);
  assert.match(answer.text, /^cat 99\.9 %$|^cat > 99\.9 %$/);
});

Deno.test("answerOf lists the greatest numbers of an output that it does not know", () => {
  const answer = answerOf(view("numbers", [1, 3], ["angle"]), {
    angle: Float32Array.of(0.5, -1, 2),
  });
  assert.equal(answer.text, "angle: 2: 2.000, 0: 0.500, 1: -1.000");
});

Deno.test("percentText says 100 % of what is everything alone", () => {
  const said = [1, 0.99999, 0.5, 0, NaN].map(percentText);
  assert.deepEqual(said, ["100.0 %", "> 99.9 %", "50.0 %", "0.0 %", "not a number"]);
  const [first, ...others] = likeliest(Float32Array.of(1000, 0, 1000), 2);
  assert.deepEqual([first, ...others].map(({ confidence }) => confidence), [0.5, 0.5]);
});
