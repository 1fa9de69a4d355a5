import assert from "node:assert/strict";
import { join } from "node:path";
import { hostName, machineId } from "../system/machine.ts";
import { formatClaim, FREE, parseClaim } from "./claim_file.ts";
import { Claim, Claims } from "./claims.ts";
import { withFolder } from "../testing_folder.ts";

const noLoss = (message: string) => assert.fail(message);
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** The claim of a process of another machine, which nobody here can ask whether it lives. */
const ofOther = (beat: number, seconds = 0.5) =>
  formatClaim({ host: "elsewhere", process: 7, machine: "other", seconds }, beat);

Deno.test("Claims.take lets one have a piece, the others see who, and the next one have it after", () =>
  withFolder(async (folder) => {
    using first = new Claims(folder, 60, noLoss);
    using second = new Claims(folder, 60, noLoss);
    {
      using claim = await first.take("full") as Claim;
      assert.ok(claim instanceof Claim);
      assert.deepEqual(await second.take("full"), { host: hostName(), process: Deno.pid });
      using other = await second.take("L_T") as Claim;
      assert.ok(other instanceof Claim);
    }
    assert.deepEqual(namesIn(folder), ["L_T.1", "L_T.2", "full.1", "full.2"]);
    assert.equal(await Deno.readTextFile(join(folder, "full.2")), FREE);
    using again = await second.take("full") as Claim;
    assert.ok(again instanceof Claim);
    assert.deepEqual(await first.take("full"), { host: hostName(), process: Deno.pid });
  }));

Deno.test("Claims.take takes over what a killed process of this machine had, at once", () =>
  withFolder(async (folder) => {
    // No process has the lock of this file any more.
    const dead = { host: hostName(), process: 4, machine: await machineId(), seconds: 3600 };
    await Deno.writeFile(join(folder, "full.1"), formatClaim(dead, 3));
    using claims = new Claims(folder, 3600, noLoss);
    using claim = await claims.take("full") as Claim;
    assert.ok(claim instanceof Claim);
    assert.equal(parseClaim(await Deno.readTextFile(join(folder, "full.2")))!.process, Deno.pid);
  }));

Deno.test("a claim of another machine is taken over once it was silent, by one of all that wait", () =>
  withFolder(async (folder) => {
    const path = join(folder, "full.1");
    await Deno.writeFile(path, ofOther(1));
    const all = Array.from({ length: 4 }, () => new Claims(folder, 60, noLoss));
    const take = () => Promise.all(all.map((claims) => claims.take("full")));
    const holder = { host: "elsewhere", process: 7 };
    const winners: Claim[] = [];
    try {
      for (let beat = 2; beat < 4; beat++) {
        assert.deepEqual(await take(), all.map(() => holder));
        await pause(300);
        await Deno.writeFile(path, ofOther(beat));
      }
      // However old the file's own times are, only a change that was seen or not counts.
      await Deno.utime(path, 1, 1);
      assert.deepEqual(await take(), all.map(() => holder));
      await pause(600);
      winners.push(...(await take()).filter((one) => one instanceof Claim));
      assert.equal(winners.length, 1);
      assert.deepEqual(namesIn(folder), ["full.1", "full.2"]);
    } finally {
      for (const winner of winners) winner[Symbol.dispose]();
      for (const claims of all) claims[Symbol.dispose]();
    }
  }));

Deno.test("a claim is renewed while the main thread computes, and its loss is told", () =>
  withFolder(async (folder) => {
    const lost: string[] = [];
    using claims = new Claims(folder, 0.6, (message) => lost.push(message));
    using claim = await claims.take("full") as Claim;
    assert.ok(claim instanceof Claim);
    const path = join(folder, "full.1");
    const made = await Deno.readTextFile(path);
    // The thread has to be loaded first, and under a type check that takes a while.
    for (let tries = 0; tries < 600 && Deno.readTextFileSync(path) === made; tries++) {
      await pause(50);
    }
    const before = Deno.readTextFileSync(path);
    for (let tries = 0; tries < 100 && Deno.readTextFileSync(path) === before; tries++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
    assert.notEqual(Deno.readTextFileSync(path), before, "renewed although this thread slept");
    await Deno.writeFile(join(folder, "full.2"), ofOther(0));
    for (let tries = 0; tries < 100 && lost.length === 0; tries++) await pause(50);
    assert.match(lost[0], /full\.1 was taken over as it was not renewed for 0\.6 s$/);
  }));

Deno.test("a claim that is not whole is its maker's until it was silent", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "full.1"), "");
    using claims = new Claims(folder, 0.2, noLoss);
    assert.deepEqual(await claims.take("full"), { host: "?", process: 0 });
    await pause(300);
    using claim = await claims.take("full") as Claim;
    assert.ok(claim instanceof Claim);
  }));
