import assert from "node:assert/strict";
import { shellQuote } from "./shell_quote.ts";

Deno.test("shellQuote() leaves plain words alone and quotes the others", () => {
  assert.equal(shellQuote("runs/cls-shapes_1.2", false), "runs/cls-shapes_1.2");
  assert.equal(shellQuote("my run", false), "'my run'");
  assert.equal(shellQuote("it's $(here)", false), "'it'\\''s $(here)'");
  assert.equal(shellQuote("", false), "''");
  assert.equal(shellQuote("~/x", false), "'~/x'");
  assert.equal(shellQuote("C:\\my runs", true), '"C:\\my runs"');
  assert.equal(shellQuote("C:\\runs", true), "C:\\runs");
});
