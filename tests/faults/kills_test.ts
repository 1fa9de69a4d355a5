/**
 * kill -9 at random moments, by seed, of every stage: what is run again ends with the same bits, and
 * nothing half-written is left.
 */
import { createRandom, type Evaluation } from "@realign/core";
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { plain } from "../../datasets/testing.ts";
import { startRealign, succeed } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { kills } from "./counts.ts";
import { begin, copyFolder, filesIn, PARTS, TRAIN_STEPS } from "./small_run.ts";

const SEED = 7;
/** Milliseconds that a kill may come later than the moment that it waits for. */
const DELAY = 60;
/** The same for what ends soon after that moment. */
const SHORT_DELAY = 3;
/** Steps of O: it is saved once on the way, after 200. */
const TARGET_STEPS = 240;
const PICTURES = 24;
const settings = [...begin, `--target.train.epochs=${TARGET_STEPS / 2}`];

/** When a process is killed: asked again and again while it runs. */
type Moment = () => boolean | Promise<boolean>;

/** How a stage is killed. */
interface Kills {
  readonly stage: keyof typeof kills;
  readonly args: readonly string[];
  /**
   * Says when; called before each start, it also takes work away that would be done already. `missed`: the
   * milliseconds after which the process ended by itself where the try before was too late.
   */
  readonly moment: (
    kill: number,
    random: ReturnType<typeof createRandom>,
    missed?: number,
  ) => Promise<Moment>;
  /** Milliseconds that it may come later than that. Default: 60 */
  readonly delay?: number;
  /** Called after each kill. */
  readonly check?: () => Promise<void>;
}

/** Kills a command as often as is asked; a moment that it ends before is tried anew. */
async function killRepeatedly(
  { stage, args, moment, delay = DELAY, check }: Kills,
): Promise<void> {
  const random = createRandom(SEED, "kills", stage);
  let missed: number | undefined;
  for (let kill = 0, tries = 0; kill < kills[stage]; tries++) {
    assert.ok(tries < 3 * kills[stage], `${stage}: the process ends before it can be killed`);
    const isDue = await moment(kill, random, missed);
    const begun = performance.now();
    const late = random.next() * delay;
    const killed = await killWhen(args, isDue, missed === undefined ? late : 0);
    missed = killed ? undefined : performance.now() - begun;
    if (killed) kill++;
    await check?.();
  }
}

/** Waits a little longer than until something has come about; false if the process ended before. */
async function killWhen(args: readonly string[], isDue: Moment, delay: number): Promise<boolean> {
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

/** When something has changed so many times. */
function afterChanges(times: number, look: () => Promise<unknown>): Moment {
  let [before, changes] = ["", -1];
  return async () => {
    const now = JSON.stringify(await look());
    if (now !== before) changes++;
    before = now;
    return changes >= times;
  };
}

/** When so many milliseconds have passed. */
function afterTime(milliseconds: number): Moment {
  const start = performance.now();
  return () => performance.now() - start >= milliseconds;
}

/** Sorted moments of a training, by its steps. */
function stepMoments(stage: "train-target" | "train", times: number, steps: number) {
  const random = createRandom(SEED, "steps", stage);
  const moments = Array.from({ length: times }, () => random.integer(steps - 2));
  moments.sort((a, b) => a - b);
  return (run: string) => (kill: number) =>
    Promise.resolve(
      async () => await lastStep(join(run, "metrics.jsonl"), stage) >= moments[kill],
    );
}

/** The last step that the metrics tell of. */
async function lastStep(path: string, stage: string): Promise<number> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const lines = text.matchAll(new RegExp(`"stage":"${stage}","step":(\\d+)`, "g"));
  return Array.from(lines, ([, step]) => Number(step)).at(-1) ?? -1;
}

const checkpoints = async (run: string, names: readonly string[]) =>
  await Promise.all(
    names.map((name) => Deno.readFile(join(run, "checkpoints", `${name}.safetensors`))),
  );
const after = (stage: string, step: number) => `${stage}-${String(step).padStart(8, "0")}`;

async function assertNoPartials(folder: string): Promise<void> {
  const left = (await filesIn(folder)).filter((name) => name.endsWith(".partial"));
  assert.deepEqual(left, []);
}

/** A folder of runs and caches. */
const placesIn = (folder: string) => ["--runs", folder, "--cache", folder];

/** O's training, the attack and G's training, each killed, end as in a run that was left alone. */
async function killTrainings(folder: string, whole: string): Promise<void> {
  const there = placesIn(folder);
  const only = async () => (await filesIn(folder)).find((name) => /run\.json$/.test(name));
  const begun = createRandom(SEED, "begun");
  // A run that has not begun yet has no name to go on by: the first kill waits for that.
  const first = ["train-target", ...settings, ...there];
  assert.ok(await killWhen(first, async () => await only() !== undefined, begun.next() * DELAY));
  const [id] = (await only())!.split("/");
  const run = join(folder, id);

  const targetMoments = stepMoments("train-target", kills.target, TARGET_STEPS);
  await killRepeatedly({
    stage: "target",
    args: ["train-target", id, ...there],
    moment: targetMoments(run),
  });
  await succeed(["train-target", id, ...there]);
  const targetNames = ["train-target-final", after("train-target", TARGET_STEPS)];
  assert.deepEqual(await checkpoints(run, targetNames), await checkpoints(whole, targetNames));

  const attacks = join(folder, "attacks");
  await killRepeatedly({
    stage: "attack",
    args: ["attack", id, ...there],
    async moment(_, random, missed) {
      const parts = (await filesIn(attacks)).filter((name) => !name.endsWith(".partial"));
      const kept = random.integer(PARTS - 2);
      for (const name of parts.slice(kept)) await Deno.remove(join(attacks, name));
      const changes = 1 + random.integer(3);
      return afterChanges(missed === undefined ? changes : 1, () => filesIn(attacks));
    },
  });

  const trainMoments = stepMoments("train", kills.train, TRAIN_STEPS);
  await killRepeatedly({
    stage: "train",
    args: ["train", "--resume", id, ...there],
    moment: trainMoments(run),
  });
  await succeed(["train", "--resume", id, ...there]);
  const names = ["train-final", after("train", TRAIN_STEPS)];
  assert.deepEqual(await checkpoints(run, names), await checkpoints(whole, names));
  await assertNoPartials(folder);
}

/** What an evaluation found, without the times that it took. */
const figures = ({ rows }: Evaluation) =>
  rows.map(({ seconds: _, millisecondsPerImage: _time, ...row }) => row);

/** Evaluation, report and restoration, each killed, end as those that were left alone. */
async function killUses(folder: string, id: string, expected: Evaluation): Promise<void> {
  const [there, run] = [placesIn(folder), join(folder, id)];
  const evaluated = join(folder, "evaluated");
  const remove = (path: string) => Deno.remove(path, { recursive: true }).catch(() => {});
  const columns = join(run, "evaluation-columns.json");
  await killRepeatedly({
    stage: "evaluate",
    args: ["evaluate", id, ...there],
    async moment(_, random, missed) {
      await remove(join(run, "evaluation.json"));
      if (random.next() < 0.5) await Promise.all([columns, evaluated].map(remove));
      const size = () => Deno.stat(columns).then((info) => info.size, () => 0);
      const changes = 1 + random.integer(8);
      return afterChanges(
        missed === undefined ? changes : 1,
        async () => [await filesIn(run), await filesIn(evaluated), await size()],
      );
    },
  });
  const actual: Evaluation = JSON.parse(await succeed(["evaluate", id, ...there, "--json"]));
  assert.deepEqual(figures(actual), figures(expected));

  const page = join(run, "report.html");
  const report = ["report", id, "--runs", folder];
  const begun = performance.now();
  await succeed(report);
  let duration = performance.now() - begun;
  const whole = await Deno.readTextFile(page);
  await killRepeatedly({
    stage: "report",
    args: report,
    delay: SHORT_DELAY,
    async moment(kill, random, missed = Infinity) {
      await Deno.writeTextFile(page, "before");
      duration = Math.min(duration, missed);
      // While it is computed, and while it is written; where it was too quick for that, by the clock again.
      if (kill % 2 === 0 || missed < Infinity) return afterTime(random.next() * duration);
      const size = () => Deno.stat(page).then((info) => info.size, () => 0);
      return afterChanges(1, async () => [await filesIn(run), await size()]);
    },
    async check() {
      const found = await Deno.readTextFile(page);
      assert.ok(found === "before" || found === whole, "the report is neither old nor new");
    },
  });
  await succeed(report);
  assert.equal(await Deno.readTextFile(page), whole);
  await assertNoPartials(folder);

  const [pictures, out, alone] = ["pictures", "out", "alone"].map((name) => join(folder, name));
  await Deno.mkdir(pictures);
  for (let index = 0; index < PICTURES; index++) {
    const png = await encodePng(plain(16, 16, [10 * index, 99, 200 - index]));
    await Deno.writeFile(join(pictures, `${index}.png`), png);
  }
  const defend = ["defend", id, pictures, "--runs", folder, "--out"];
  await succeed([...defend, alone]);
  const assertWhole = async () => {
    const done = (await filesIn(out)).filter((name) => !name.endsWith(".partial"));
    for (const name of done) {
      const [found, right] = await Promise.all(
        [out, alone].map((path) => Deno.readFile(join(path, name))),
      );
      assert.deepEqual(found, right, name);
    }
    return done.length;
  };
  await killRepeatedly({
    stage: "defend",
    args: [...defend, out],
    async moment(_, random, missed) {
      for (const name of await filesIn(out)) {
        if (!name.endsWith(".partial")) await Deno.remove(join(out, name));
      }
      const changes = 1 + random.integer(PICTURES);
      return afterChanges(missed === undefined ? changes : 1, () => filesIn(out));
    },
    check: async () => void await assertWhole(),
  });
  await succeed([...defend, out]);
  assert.equal(await assertWhole(), PICTURES);
  await assertNoPartials(out);
}

const told = Object.entries(kills).map(([stage, times]) => `${times} times in ${stage}`).join(", ");

Deno.test(`killed ${told}, a run ends with the same bits, and nothing half-written is left`, () =>
  withFolder(async (folder) => {
    const [alone, killed, used] = ["alone", "killed", "used"].map((name) => join(folder, name));
    const { run } = JSON.parse(
      await succeed(["train", ...settings, ...placesIn(alone), "--json"]),
    ) as { run: string };
    await copyFolder(alone, used);
    const expected: Evaluation = JSON.parse(
      await succeed(["evaluate", run, ...placesIn(alone), "--json"]),
    );
    await Promise.all([
      killTrainings(killed, join(alone, run)),
      killUses(used, run, expected),
    ]);
  }));
