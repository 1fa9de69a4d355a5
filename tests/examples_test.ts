/** Every example in comments and documents, all in one process: each alone would load the whole library anew. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { documents } from "./documents.ts";
import { examplesOf, runExample } from "./examples.ts";
import { codeFolders, listFiles, root } from "./source_files.ts";

for (const path of [...documents, ...await listFiles(codeFolders, ".ts")]) {
  for (const example of examplesOf(path, await Deno.readTextFile(join(root, path)))) {
    Deno.test(`the example at ${path}:${example.line}`, () => runExample(example));
  }
}

const source = [
  "/** One line. */",
  "/**",
  " * Adds.",
  " *",
  " * ```ts",
  ' * import assert from "node:assert/strict";',
  " *",
  " * assert.equal(add(1, 1), 3);",
  " * ```",
  " * ```ts ignore",
  " * not(run);",
  " * ```",
  " */",
  "const text = `",
  "```ts",
  "no(comment);",
  "```",
  "`;",
].join("\n");

Deno.test("examplesOf() finds what stands in documentation comments, with its line", () => {
  const [example, ...others] = examplesOf("core/add.ts", source);
  assert.deepEqual(others, []);
  assert.equal(example.line, 5);
  assert.match(example.code, /^import assert .*\n\nassert\.equal\(add\(1, 1\), 3\);$/);
});

Deno.test("examplesOf() finds all blocks of a document but ignored ones", () => {
  const text = "A\n\n```ts\na();\n```\n\n```sh\nb\n```\n\n```ts ignore\nc();\n```\n";
  assert.deepEqual(examplesOf("docs/a.md", text), [{ path: "docs/a.md", line: 3, code: "a();" }]);
});

Deno.test("runExample() fails where an example does, and says where", async () => {
  const code = 'import assert from "node:assert/strict";\nassert.equal(1 + 1, 3 as number);';
  await assert.rejects(
    () => runExample({ path: "core/add.ts", line: 5, code }),
    /^Error: The example at core\/add\.ts:5 fails: AssertionError/,
  );
});
