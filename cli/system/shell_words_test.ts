import assert from "node:assert/strict";
import { quoteWord, shellLine } from "./shell_words.ts";

Deno.test("quoteWord() leaves plain words alone and quotes the rest", () => {
  assert.equal(quoteWord("runs/cls-shapes_1.0", false), "runs/cls-shapes_1.0");
  assert.equal(quoteWord("", false), "''");
  assert.equal(quoteWord("my runs", false), "'my runs'");
  assert.equal(quoteWord("it's", false), `'it'\\''s'`);
  assert.equal(quoteWord("~/x", false), "'~/x'");
  assert.equal(quoteWord("a\nb'c", false), "$'a\\x0ab\\'c'");
  assert.equal(quoteWord("C:\\my runs\\a", true), `"C:\\my runs\\a"`);
  assert.equal(quoteWord("C:\\runs\\a", true), "C:\\runs\\a");
});

Deno.test("shellLine() gives words that a shell takes apart again", async () => {
  const words = ["a b", "it's", `"$HOME"`, "`x`", "*", "\\", "naïve", "-n"];
  const script = `for word in ${shellLine(words)}; do printf '%s\\n' "$word"; done`;
  const permitted = (await Deno.permissions.query({ name: "run", command: "sh" })).state;
  if (permitted !== "granted") return;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).trimEnd().split("\n"), words);
});
