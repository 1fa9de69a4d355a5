/**
 * kill -9 at random moments, by seed, of every stage: what is resumed ends with the same bits.
 */
import { createRandom, type Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { startRealign, succeed } from "../../cli/testing.ts";
import { kills } from "./counts.ts";
import { begin, COLUMNS, filesIn, PARTS, TRAIN_STEPS, withFolder } from "./small_run.ts";

const SEED = 7;
const random = createRandom(SEED, "kills");

/** Waits a little longer than until something has come about; false if the process ended before. */
async function killWhen(args: readonly string[], isDue: () => Promise<boolean>): Promise<boolean> {
  const delay = random.next() * 60;
  const child = startRealign(args);
  let running = true;
  const ended = child.output().finally(() => running = false);
  while (running && !await isDue()) await new Promise((resolve) => setTimeout(resolve, 3));
  await new Promise((resolve) => setTimeout(resolve, delay));
  try {
    child.kill("SIGKILL");
  } catch {
    return false; // it has ended already
  }
  return (await ended).signal === "SIGKILL";
}

/** Kills a command `times` times; before a moment that was missed, `undo` takes work away again. */
async function killRepeatedly(
  times: number,
  args: readonly string[],
  moment: (kill: number) => () => Promise<boolean>,
  undo: () => Promise<void>,
): Promise<void> {
  for (let kill = 0, tries = 0; kill < times; tries++) {
    assert.ok(tries < 4 * times, "the process ends before it can be killed");
    if (await killWhen(args, moment(kill))) kill++;
    else await undo();
  }
}

/** The last step that the metrics tell of. */
async function lastStep(run: string): Promise<number> {
  const text = await Deno.readTextFile(join(run, "metrics.jsonl")).catch(() => "");
  const steps = Array.from(text.matchAll(/"stage":"train","step":(\d+)/g), ([, step]) => +step);
  return steps.at(-1) ?? -1;
}

/** How many columns of an evaluation are kept. */
async function keptColumns(run: string): Promise<number> {
  const text = await Deno.readTextFile(join(run, "evaluation-columns.json")).catch(() => "{}");
  return JSON.parse(text).columns?.length ?? 0;
}

/** What an evaluation found, without the time that it took. */
const figures = ({ rows }: Evaluation) => rows.map((row) => ({ ...row, seconds: 0 }));

const finished = (run: string) =>
  Promise.all(
    ["train-target-final", "train-final", `train-${String(TRAIN_STEPS).padStart(8, "0")}`]
      .map((name) => Deno.readFile(join(run, "checkpoints", `${name}.safetensors`))),
  );

Deno.test(`killed ${kills.attack} times while it attacked, ${kills.train} times while it trained and ${kills.evaluate} times while it evaluated, a run ends with the same bits`, () =>
  withFolder(async (folder) => {
    const place = (name: string) => ["--runs", join(folder, name), "--cache", join(folder, name)];
    const { run: whole } = JSON.parse(
      await succeed(["train", ...begin, ...place("whole"), "--json"]),
    );
    const expected: Evaluation = JSON.parse(
      await succeed(["evaluate", whole, ...place("whole"), "--json"]),
    );

    const there = place("killed");
    const { run: id } = JSON.parse(await succeed(["train-target", ...begin, ...there, "--json"]));
    const [run, cache] = [join(folder, "killed", id), join(folder, "killed", "attacks")];
    const parts = async () => (await filesIn(cache)).filter((name) => !name.endsWith(".partial"));
    await killRepeatedly(
      kills.attack,
      ["attack", id, ...there],
      (kill) => async () => (await parts()).length >= Math.min(kill, PARTS - 1),
      async () => {
        for (const name of (await parts()).slice(-2)) await Deno.remove(join(cache, name));
      },
    );

    const moments = Array.from({ length: kills.train }, () => random.integer(TRAIN_STEPS - 2))
      .sort((a, b) => a - b);
    await killRepeatedly(
      kills.train,
      ["train", "--resume", id, ...there],
      (kill) => async () => await lastStep(run) >= moments[kill],
      () => Promise.reject(new Error("the training ended before it was killed")),
    );
    await succeed(["train", "--resume", id, ...there]);
    assert.deepEqual(await finished(run), await finished(join(folder, "whole", whole)));

    await killRepeatedly(
      kills.evaluate,
      ["evaluate", id, ...there],
      (kill) => async () => await keptColumns(run) >= kill % COLUMNS,
      () => Promise.resolve(),
    );
    const actual: Evaluation = JSON.parse(await succeed(["evaluate", id, ...there, "--json"]));
    assert.deepEqual(figures(actual), figures(expected));
    const left = (await filesIn(join(folder, "killed"))).filter((name) => name.startsWith(id));
    assert.deepEqual(left.filter((name) => name.endsWith(".partial")), []);
  }));
