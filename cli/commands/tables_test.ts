import { attacks } from "@realign/core/attacks";
import { defenses } from "@realign/core/defenses";
import assert from "node:assert/strict";
import { runHere } from "../testing.ts";

const run = (...args: string[]) => runHere(args);

Deno.test("attacks and defenses are listed, each with the options that it declares", async () => {
  for (const [command, table] of [["attacks", attacks], ["defenses", defenses]] as const) {
    const { code, out } = await run(command, "--json");
    assert.equal(code, 0);
    const listed = JSON.parse(out) as { name: string; task: string; options: { name: string }[] }[];
    const core = listed.filter(({ task }) => task === "every task");
    assert.deepEqual(
      core.map(({ name, options }) => [name, options.map(({ name }) => name)]),
      Object.entries(table).map(([name, { options }]) => [name, Object.keys(options)]),
    );
  }
});

Deno.test("attacks NAME says default, range and meaning of each option, of every task that has one", async () => {
  const { out } = await run("attacks", "deepfool");
  assert.match(out, /^deepfool \(DeepFool, every task\)/);
  assert.match(out, /deepfool \(DeepFool, segmentation\)/);
  assert.match(out, /candidates +10 +an integer of at least 2 +number of most likely classes/);
  assert.match((await run("attacks", "pgd")).out, /stepSize +epsilon \/ 4 /);
  const { code, error } = await run("attacks", "pdg");
  assert.equal(code, 2);
  assert.match(error, /Cannot find the attack "pdg": did you mean "pgd"\?/);
});
