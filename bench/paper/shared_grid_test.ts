/**
 * A grid that several processes share, one of which is killed.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Claim, Claims } from "../../cli/runs/claims.ts";
import { AGAIN, Interrupted } from "../../cli/system/failure.ts";
import { Interruption } from "../../cli/system/interruption.ts";
import { Output } from "../../cli/terminal/output.ts";
import { startTask, TINY } from "../../cli/testing.ts";
import { type PaperOptions, planGrid } from "./command.ts";
import { gridFolder, runGrid } from "./grid.ts";
import type { PaperTable } from "./paper_table.ts";

const tiny = [
  "--preset=cls-shapes",
  "--cells=L_T,full",
  "--steps=2",
  "--target-steps=1",
  "--threads=1",
  ...TINY,
  "--attack.steps=1",
  "--evaluation.batchSize=8",
  "--evaluation.threatModels.oblivious.attacks.deepfool=none",
  "--evaluation.threatModels.oblivious.attacks.pgd-cw=none",
  "--evaluation.threatModels.whitebox.attacks.pgd-20.steps=1",
];

const start = (folder: string, ...more: string[]) =>
  startTask("bench", ["paper", ...tiny, ...more, "--json"], { cwd: folder });

async function resultOf(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const [out, told] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, told };
}

/** What a process prints at its end. */
async function tableOf(child: Deno.ChildProcess) {
  const { code, out, told } = await resultOf(child);
  assert.equal(code, 0, told);
  return { table: JSON.parse(out) as PaperTable & { folder: string }, told };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  } catch {
    return [];
  }
}

/** Waits until a process has claimed one of some pieces, and tells which claim it is. */
async function claimOf(process: number, runs: string, pieces: RegExp): Promise<string> {
  for (let tries = 0; tries < 6_000; tries++) {
    const [grid] = await namesIn(runs);
    const claims = join(runs, grid ?? "", "claims");
    for (const name of (await namesIn(claims)).filter((name) => pieces.test(name))) {
      const text = await Deno.readTextFile(join(claims, name));
      if (text.includes(`"process":${process},`)) return name;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  return assert.fail(`no claim of process ${process} in ${runs}`);
}

/** A table without what differs between any two runs: names and times. */
function figuresIn(table: object): string {
  return JSON.stringify(
    table,
    (key, value) =>
      /^(runs?|folder|seconds|trainSeconds|millisecondsPerImage|environment|stages|.*[sS]econds.*)$/
          .test(key)
        ? undefined
        : value,
  );
}

Deno.test("processes that share a grid, one of them killed, fill the table that one process fills", async () => {
  const [folder, alone] = await Promise.all([Deno.makeTempDir(), Deno.makeTempDir()]);
  try {
    const killed = start(folder);
    const over = killed.output();
    const runs = join(folder, "runs");
    await claimOf(killed.pid, runs, /-target\./);
    const others = [start(folder), start(folder)].map(tableOf);
    const claim = await claimOf(killed.pid, runs, /-(L_T|full)\./);
    killed.kill("SIGKILL");
    await over;
    const [{ table: first }, { table: second }] = await Promise.all(others);
    assert.deepEqual(first, second, "both end with the whole table");
    const grid = join(folder, first.folder);
    const claims = await namesIn(join(grid, "claims"));
    const piece = claim.replace(/\d+$/, "");
    assert.ok(claims.filter((name) => name.startsWith(piece)).length >= 3, "it was taken over");
    for (const name of ["target", "L_T", "full"]) {
      assert.equal((await namesIn(join(grid, "seed-1", name))).length, 1, `${name} has one run`);
    }
    const { table } = await tableOf(start(alone));
    assert.equal(figuresIn(first), figuresIn(table));
    const { folder: _, ...written } = first;
    const kept = JSON.parse(await Deno.readTextFile(join(grid, "table.json")));
    assert.deepEqual(kept, written);

    const worker = await resultOf(start(folder, "--worker=2/2"));
    assert.equal(worker.code, 0, worker.told);
    assert.deepEqual(JSON.parse(worker.out).cells, [{ cell: "full", seed: 1 }]);
    assert.doesNotMatch(worker.told, /train the/);
  } finally {
    await Promise.all([folder, alone].map((path) => Deno.remove(path, { recursive: true })));
  }
});

Deno.test("a process that does not wait ends with what is left, to be started again", async () => {
  const runs = await Deno.makeTempDir();
  const context = { overrides: [], words: [], interruption: new Interruption() };
  const options: PaperOptions = {
    ...{ seeds: 1, suite: "paper", runs, cache: "off", table: "1", preset: "cls-shapes" },
    ...{ cells: "L_T,full", backend: "tensorflow", device: "cpu", threads: 1 },
    ...{ wait: false, claimTimeout: 60 },
  };
  try {
    const { plan } = await planGrid(options, context);
    const place = join(gridFolder(plan), "claims");
    using other = new Claims(place, 60, assert.fail);
    using claim = await other.take("seed-1-target") as Claim;
    assert.ok(claim instanceof Claim);
    using claims = new Claims(place, 60, assert.fail);
    const grid = runGrid(plan, new Output(false), { claims, waits: false });
    await assert.rejects(grid.next(), (error) => {
      assert.ok(error instanceof Interrupted);
      assert.equal(error.exitCode, AGAIN);
      assert.match(
        error.message,
        /^2 of 2 cells are left to other processes: L_T, seed 1 \(process/,
      );
      return true;
    });
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
});
