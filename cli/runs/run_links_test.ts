import assert from "node:assert/strict";
import { join } from "node:path";
import { withStore } from "../testing.ts";
import { withFolder } from "../testing_folder.ts";
import { RunLock } from "./run_lock.ts";
import { RunStore } from "./run_store.ts";

const OTHER = "years of work\n";
const line = {
  stage: "train",
  step: 1,
  epoch: 0,
  learningRate: 1,
  seconds: 1,
  losses: {},
} as const;

Deno.test("RunLock.take() writes to no file that a stranger's lock leads to", () =>
  withFolder(async (folder) => {
    const [victim, absent] = ["victim", "absent"].map((name) => join(folder, name));
    await Deno.writeTextFile(victim, OTHER);
    for (const [name, target] of Object.entries({ first: victim, second: absent })) {
      const run = join(folder, name);
      await Deno.mkdir(run);
      await Deno.symlink(target, join(run, "lock"));
      await assert.rejects(RunLock.take(run), /^Error: Cannot lock .*: "lock" is a link/);
      await Deno.remove(join(run, "lock"));
      (await RunLock.take(run))[Symbol.dispose]();
      (await RunLock.take(run))[Symbol.dispose]();
    }
    assert.equal(await Deno.readTextFile(victim), OTHER);
    await assert.rejects(Deno.lstat(absent), Deno.errors.NotFound);
  }));

Deno.test("metrics are appended to no file that a stranger's run leads to", () =>
  withStore((store) =>
    withFolder(async (folder) => {
      const victim = join(folder, "victim");
      await Deno.writeTextFile(victim, OTHER);
      await Deno.symlink(victim, join(store.folder, "metrics.jsonl"));
      await assert.rejects(store.metrics.append(line), /metrics\.jsonl: .* is a link/);
      assert.equal(await Deno.readTextFile(victim), OTHER);
    })
  ));

for (const name of ["checkpoints", "pictures"]) {
  Deno.test(`RunStore.open() refuses a run whose ${name} lie elsewhere, and removes nothing there`, () =>
    withStore((store) =>
      withFolder(async (folder) => {
        store[Symbol.dispose]();
        const victim = join(folder, "download.partial");
        await Deno.writeTextFile(victim, OTHER);
        await Deno.symlink(folder, join(store.folder, name));
        await assert.rejects(
          RunStore.open(folder, store.folder, () => {}),
          new RegExp(`^Error: Cannot write into .*: "${name}" is a link`),
        );
        assert.equal(await Deno.readTextFile(victim), OTHER);
        (await RunStore.read(folder, store.folder, () => {}))[Symbol.dispose]();
      })
    ));
}
