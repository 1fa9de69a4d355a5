import assert from "node:assert/strict";
import { pythonFloat, pythonText, pythonTuple, pythonValue } from "./python_text.ts";

Deno.test("pythonText() lets nothing out of the text", () => {
  assert.equal(pythonText('a"; import os #'), '"a\\"; import os #"');
  assert.equal(pythonText("\\"), '"\\\\"');
  assert.equal(pythonText('""" \n\r\0'), '"\\"\\"\\" \\u000a\\u000d\\u0000"');
  assert.equal(pythonText("é\u202e\u2028"), '"\\u00e9\\u202e\\u2028"');
  assert.equal(pythonText("😀\ud800"), '"\\U0001f600\\ud800"');
});

Deno.test("pythonFloat() keeps every bit of a float32", () => {
  const cases = [0.1, 1e-5, 1 / 3, 16777217, 1e30, -2, 0, 3.4028234663852886e38, 1e-45];
  for (const value of cases.map(Math.fround)) {
    const text = pythonFloat(value);
    assert.equal(Math.fround(Number(text)), value);
    assert.match(text, /[.e]/);
  }
  assert.equal(pythonFloat(Math.fround(0.1)), "0.1");
  assert.equal(pythonFloat(-0), "-0.0");
  assert.equal(pythonFloat(-Infinity), 'float("-inf")');
  assert.equal(pythonFloat(NaN), 'float("nan")');
});

Deno.test("pythonValue() writes plain data", () => {
  const value = { a: [1, 0.5, true, null], 'b"': undefined, "c\n": { d: "e" } };
  assert.equal(pythonValue(value), '{"a": [1, 0.5, True, None], "c\\u000a": {"d": "e"}}');
  assert.equal(pythonTuple([1]), "(1,)");
  assert.equal(pythonTuple(["a", "b"]), "(a, b)");
});
