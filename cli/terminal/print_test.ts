import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere } from "../testing.ts";
import { withFolder } from "../testing_folder.ts";
import { printable, printableJson } from "./print.ts";

const escapes = "y\u001b[31mRED\u001b]0;title\u0007\u009b2J\r fake";

/** Whether a text holds nothing that a terminal obeys, but line breaks. */
const isPlain = (text: string) => !/\p{Cc}/u.test(text.replaceAll("\n", ""));

Deno.test("printable() leaves line breaks and tabs alone, and printableJson() the value", () => {
  assert.equal(printable("a\tb\r\nc\rd\u001be\u007ff"), "a\tb\nc\uFFFDd\uFFFDe\uFFFDf");
  const json = printableJson(JSON.stringify({ [escapes]: ["\u0085"] }, null, 2));
  assert.ok(isPlain(json));
  assert.deepEqual(JSON.parse(json), { [escapes]: ["\u0085"] });
});

Deno.test("names in files of others do not steer the terminal", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "model.json");
    const write = (input: string) => {
      const size = [-1, 4, 4, 3].map((side) => ({ size: `${side}` }));
      const x = { name: "x", op: "Placeholder", attr: { shape: { shape: { dim: size } } } };
      const node = [x, { name: escapes, op: "Relu", input: [input] }];
      const outputs = { [escapes]: { name: escapes } };
      const signature = { inputs: { x: { name: "x:0" } }, outputs };
      const model = { modelTopology: { node }, signature, weightsManifest: [] };
      return Deno.writeTextFile(file, JSON.stringify(model));
    };
    await write("x");
    const shown = await runHere(["inspect", file]);
    assert.equal(shown.code, 0, shown.error);
    assert.match(shown.out, /RED/);
    assert.ok(isPlain(shown.out), JSON.stringify(shown.out));
    const { out } = await runHere(["inspect", file, "--json"]);
    assert.ok(isPlain(out));
    assert.equal(JSON.parse(out).outputs[0].name, escapes);

    await write(`${escapes} is missing`);
    for (const verbose of [[], ["--verbose"]]) {
      const { code, error } = await runHere(["inspect", file, ...verbose]);
      assert.equal(code, 1);
      assert.match(error, /RED/);
      assert.ok(isPlain(error), JSON.stringify(error));
    }
  });
});
