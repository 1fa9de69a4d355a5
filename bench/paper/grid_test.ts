/**
 * A grid as a person runs it: a process that is killed and started again.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startTask } from "../../cli/testing.ts";
import type { PaperTable } from "./paper_table.ts";

/** Cells of seconds whose training is long enough to be killed in the middle. */
const toy = [
  "--preset=cls-shapes",
  "--cells=L_T,full",
  "--steps=16",
  "--target-steps=3",
  "--dataset.trainExamples=32",
  "--target.train.batchSize=8",
  "--train.batchSize=8",
  "--train.checkpointEvery=2",
  "--generator.width=4",
  "--generator.blocks=1",
  "--evaluation.examples=8",
  "--evaluation.batchSize=8",
  "--evaluation.threatModels.oblivious.attacks.deepfool.steps=3",
  "--evaluation.threatModels.whitebox.attacks.pgd-20.steps=2",
];

const start = (folder: string, ...more: string[]) =>
  startTask("bench", ["paper", ...toy, ...more, "--json"], { cwd: folder });

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  } catch {
    return [];
  }
}

/** Waits until a run in a folder has a checkpoint of its training. */
async function waitForCheckpoint(runs: string): Promise<void> {
  for (let tries = 0; tries < 6_000; tries++) {
    for (const id of await namesIn(runs)) {
      const files = await namesIn(join(runs, id, "checkpoints"));
      // A file that is still being written has a name of its own.
      if (files.some((name) => /^train-\d+\.safetensors$/.test(name))) return;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.fail(`no checkpoint came in ${runs}`);
}

Deno.test("bench paper goes on where it was killed and keeps finished cells", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const killed = start(folder);
    const output = killed.output();
    const grid = await (async () => {
      for (let tries = 0; tries < 6_000; tries++) {
        const [name] = await namesIn(join(folder, "runs"));
        if (name) return join(folder, "runs", name);
        await new Promise((done) => setTimeout(done, 20));
      }
      return assert.fail("no grid was begun");
    })();
    const cell = (name: string) => join(grid, "seed-1", name);
    await waitForCheckpoint(cell("full"));
    killed.kill("SIGKILL");
    assert.equal((await output).success, false);
    const before = await Promise.all([cell("target"), cell("L_T"), cell("full")].map(namesIn));
    assert.deepEqual(before.map(({ length }) => length), [1, 1, 1]);
    const partial = JSON.parse(await Deno.readTextFile(join(grid, "table.json"))) as PaperTable;
    assert.deepEqual(partial.rows.map(({ name }) => name), ["none", "L_T"]);
    const finished = await Deno.stat(join(cell("L_T"), before[1][0], "evaluation.json"));

    const again = await start(folder).output();
    assert.ok(again.success, new TextDecoder().decode(again.stderr));
    const table = JSON.parse(new TextDecoder().decode(again.stdout)) as PaperTable;
    assert.deepEqual(table.rows.map(({ name }) => name), ["none", "L_T", "full"]);
    assert.deepEqual(table.rows.map(({ runs }) => runs), [[], before[1], before[2]]);
    assert.match(new TextDecoder().decode(again.stderr), /train the generator: resuming from step/);
    const untouched = await Deno.stat(join(cell("L_T"), before[1][0], "evaluation.json"));
    assert.deepEqual(untouched.mtime, finished.mtime);
    for (const name of ["table.json", "table.md", "report.html"]) {
      assert.ok((await Deno.stat(join(grid, name))).size > 0);
    }

    const fill = async (...more: string[]) => {
      const { success, stdout, stderr } = await start(folder, ...more).output();
      const text = new TextDecoder();
      assert.ok(success, text.decode(stderr));
      return {
        table: JSON.parse(text.decode(stdout)) as PaperTable & { folder: string },
        told: text.decode(stderr),
      };
    };
    const twelve = await fill("--table=12");
    assert.equal(join(folder, twelve.table.folder), grid);
    assert.deepEqual(
      twelve.table.rows.map(({ runs }) => runs),
      table.rows.map(({ runs }) => runs),
      "the runs are those of Table 1",
    );
    assert.deepEqual(twelve.table.columns.map(({ threatModel, attack }) => [threatModel, attack]), [
      ["none", "clean"],
      ...["pgd", "deepfool", "pgd-cw"].map((attack) => ["transfer", attack]),
    ]);
    assert.equal(twelve.table.second!.architecture, "resnet20");
    assert.match(twelve.told, /train the target: 3 steps/, "of the second network");
    assert.doesNotMatch(twelve.told, /train the generator/);

    const second = join(grid, "seed-1", "second-resnet20");
    const [run] = await namesIn(second);
    const named = ["--table=15", `--second=${join(second, run)}`];
    const { table: fifteen, told } = await fill(...named);
    assert.doesNotMatch(told, /^train the /m);
    assert.equal(fifteen.architecture, "resnet20");
    assert.deepEqual(fifteen.second, { architecture: "wrn-10-1", digest: fifteen.second!.digest });
    assert.deepEqual(fifteen.columns, table.columns);
    assert.notDeepEqual(fifteen.rows[0].figures, [], "O alone is the second network");
    assert.equal(fifteen.kind, "table-15");
    const after = await Deno.stat(join(cell("L_T"), before[1][0], "evaluation.json"));
    assert.deepEqual(after.mtime, finished.mtime);
    for (const name of ["table-12.md", "report-15.html"]) {
      assert.ok((await Deno.stat(join(grid, name))).size > 0);
    }
    const again12 = await fill("--table=12");
    assert.doesNotMatch(again12.told, /evaluation:/, "what is finished is not measured again");
    assert.deepEqual(again12.table.rows, twelve.table.rows);

    const attacksOnO = async () => {
      const [run, ...others] = await namesIn(cell("L_I"));
      assert.deepEqual(others, []);
      return (await namesIn(join(cell("L_I"), run))).includes("evaluation.json");
    };
    const { table: { rows } } = await fill("--table=12", "--cells=L_I");
    assert.equal(await attacksOnO(), false, "Table 12 is made without them");
    const own = await fill("--cells=L_I");
    assert.equal(await attacksOnO(), true);
    assert.doesNotMatch(own.told, /train the generator/);
    assert.deepEqual(own.table.rows.at(-1)!.runs, rows.at(-1)!.runs);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
