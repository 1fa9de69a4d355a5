/**
 * Signals in every stage: heard within two seconds, what was made is kept, and the line that goes on.
 */
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { signals } from "./counts.ts";
import { begin, filesIn, PARTS, withFolder } from "./small_run.ts";
import {
  afterMoreSteps,
  assertStopped,
  finish,
  hasStepped,
  interrupt,
  signalAt,
  steps,
} from "./signalled.ts";

/** A folder whose name a shell would take apart, and where runs and caches go. */
const withPlaces = (use: (runs: string, places: string[], folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    const runs = join(folder, "my runs, it's $HOME");
    await use(runs, ["--runs", runs, "--cache", join(folder, "my cache")], folder);
  });

/** Steps of O where it must not end before three signals have come. */
const TARGET_STEPS = 400;

const supported = Deno.build.os !== "windows";
const test = (name: string, run: () => Promise<void>) =>
  Deno.test({ name, ignore: !supported, fn: run });

test("signals in the last step of a stage, and while it is saved, end the command there", () =>
  withPlaces(async (runs, places) => {
    const one = [...begin, "--steps", "1", "--target-steps", "1", ...places];
    const stages = ["train-target", "train"];
    const line = ["realign", "train", "--resume"];
    const last = await interrupt("last steps", {
      args: ["train", ...one],
      moment: () => hasStepped(runs, stages.shift()!),
      line,
      async check() {
        const trained = await steps(runs, "train");
        assert.equal(trained, stages.length === 1 ? 0 : 1, "no further stage has run");
      },
    });
    assert.match((await finish(last)).out, /is done; next: realign evaluate/);
  }));

test("train-target and train stop between two steps and go on to the end", () =>
  withPlaces(async (runs, places) => {
    const long = [`--target.train.epochs=${TARGET_STEPS / 2}`, "--train.epochs=40"];
    const target = await interrupt("train-target", {
      args: ["train-target", ...begin, ...long, ...places],
      moment: afterMoreSteps(runs, "train-target", 2),
      line: ["realign", "train-target"],
    });
    await finish(target);
    assert.equal(await steps(runs, "train-target"), TARGET_STEPS);
    assert.equal(await steps(runs, "train"), 0);
    const train = await interrupt("train", {
      args: ["train", "--resume", "latest", ...places],
      moment: afterMoreSteps(runs, "train", 2),
      line: ["realign", "train", "--resume"],
      check: ({ error }) => Promise.resolve(assert.match(error, /Stopped at step \d+ of 160/)),
    });
    assert.match((await finish(train)).error, /resuming from step/);
    assert.equal(await steps(runs, "train"), 160);
  }));

test("attack stops between two steps of an attack, and keeps the images that it has made", () =>
  withPlaces(async (runs, places, folder) => {
    const cache = join(folder, "my cache");
    const parts = async () => (await filesIn(cache)).filter((name) => /draw-[\w-]*$/.test(name));
    const whole = async () => (await parts()).filter((name) => !name.endsWith("-begun"));
    const made = new Map<string, number>();
    const look = async () => {
      for (const name of await whole()) {
        const time = (await Deno.stat(join(cache, name))).mtime!.getTime();
        assert.equal(made.get(name) ?? time, time, "it was made once");
        made.set(name, time);
      }
    };
    const last = await interrupt("attack", {
      args: ["attack", ...begin, "--attack.steps=200", ...places],
      async moment() {
        const { length } = await whole();
        return async () => (await whole()).length > length;
      },
      line: ["realign", "attack"],
      check: look,
    });
    assert.ok(made.size < PARTS);
    await finish(last);
    await look();
    assert.deepEqual((await parts()).filter((name) => name.endsWith("-begun")), []);
    assert.equal((await parts()).length, PARTS);
    assert.equal(await steps(runs, "train"), 0);
  }));

test("a training whose images are made in every step stops within the attack", () =>
  withPlaces(async (runs, places) => {
    const fresh = [...begin, "--attack-cache", "off", "--attack.steps=100000", ...places];
    await interrupt("attacks in every step", {
      args: ["train", ...fresh, "--target-steps", "1"],
      moment: () => (error) => /train the target: 1 steps/.test(error),
      line: ["realign", "train", "--resume"],
    });
    assert.equal(await steps(runs, "train"), 0);
  }));

test("evaluate stops within an attack and keeps finished columns; defend and report stop too", () =>
  withPlaces(async (runs, places, folder) => {
    const short = [...begin, "--steps", "1", "--target-steps", "1", ...places];
    const { run: id } = JSON.parse((await finish(["train", ...short, "--json"])).out) as {
      run: string;
    };
    const run = join(runs, id);
    const slow = "--evaluation.threatModels.oblivious.attacks.pgd.steps=1000000";
    const columns = join(run, "evaluation-columns.json");
    const kept = new Set<string>();
    const evaluate = await interrupt("evaluate", {
      args: ["evaluate", "latest", slow, ...places],
      moment: () => async (error) => {
        const isThere = await Deno.stat(columns).then(() => true, () => false);
        return isThere && /^backend /m.test(error);
      },
      line: ["realign", "evaluate", run, slow],
      check: async () => void kept.add(await Deno.readTextFile(columns)),
    });
    assert.equal(kept.size, 1, "the finished column was measured once");
    assert.ok(!(await filesIn(run)).includes("evaluation.json"));
    await finish(evaluate.filter((word) => word !== slow));

    const pixels = new Uint8Array(16 * 16 * 3).fill(99);
    const png = await encodePng({ height: 16, width: 16, pixels });
    const pictures = Array.from({ length: 100 }, (_, index) => join(folder, `it's ${index}.png`));
    for (const path of pictures) await Deno.writeFile(path, png);
    const out = join(folder, "restored ones");
    const defend = ["defend", run, ...pictures, "--out", out];
    const done = async () => (await filesIn(out)).length;
    const rest = await interrupt("defend", {
      args: defend,
      async moment() {
        const before = await done();
        return async () => await done() > before;
      },
      line: ["realign", "defend", run],
      async check({ line }) {
        assert.equal(line.length - 1, defend.length - await done(), "the rest is left to do");
      },
    });
    await finish(rest);
    assert.equal(await done(), pictures.length);
  }));

test("report stops between its parts", () =>
  withPlaces(async (runs, places) => {
    const trained = await finish(["train-target", ...begin, ...places, "--json"]);
    const { run: id } = JSON.parse(trained.out) as { run: string };
    const run = join(runs, id);
    const path = join(run, "metrics.jsonl");
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).repeat(10_000));
    const args = ["report", run, ...places.slice(0, 2)];
    // It says nothing before its end; before it listens, a signal is the system's to handle.
    let delay = 1000;
    for (const signal of signals.report) {
      let isHeard = false;
      for (let tries = 0; tries < 20 && !isHeard; tries++) {
        let begun = 0;
        const moment = () => performance.now() - (begun ||= performance.now()) > delay;
        const report = await signalAt(args, signal, moment).catch(() => undefined);
        const hasEnded = report === undefined || report.out !== "";
        if (hasEnded) delay -= 150;
        else if (report.error === "" || report.line.length === 0) delay += 250;
        else {
          isHeard = true;
          assertStopped(report, signal, "realign", ...args);
          assert.ok(!(await filesIn(run)).some((name) => /^report/.test(name)));
        }
        await Deno.remove(join(run, "report.html")).catch(() => {});
      }
      assert.ok(isHeard, `${signal} was not heard`);
    }
  }));

test("demo and bench paper stop too", () =>
  withPlaces(async (runs, places) => {
    const few = ["--steps", "1000", "--target-steps", "1000"];
    await interrupt("demo", {
      args: ["demo", ...few, "--target.train.batchSize=8", ...places],
      moment: () => hasStepped(runs, "train-target"),
      line: ["realign", "train", "--resume"],
      check: ({ error }) =>
        Promise.resolve(assert.match(error, / && realign evaluate '.*' .* && realign report '/)),
    });
    const grid = join(runs, "grid");
    const [preset, ...settings] = begin;
    const paper = ["paper", "--preset", preset, ...settings, "--cells", "L_I", ...few];
    await interrupt("bench paper", {
      args: [...paper, "--runs", grid, ...places.slice(2)],
      moment: afterMoreSteps(grid, "train-target", 2),
      line: ["deno", "task", "bench", ...paper],
      task: "bench",
    });
  }));

/** A plugin whose data never come, in one of their splits. */
const waiting = (split: string) => `
import bars from ${JSON.stringify(pathToFileURL(begin[2]).href)};
const never = () => new Promise((resolve) => setTimeout(resolve, 1e6));
const open = bars.datasets.bars;
export default { ...bars, datasets: { bars: async (split, request) => {
  const data = await open(split, request);
  if (${JSON.stringify(split)} === "any") {
    console.error("waiting");
    await never();
  }
  let reads = 0;
  return { ...data, notes: [], read: async (index) => {
    if (split === ${JSON.stringify(split)} && ++reads > 100) {
      console.error("waiting");
      await never();
    }
    return await data.read(index);
  } };
} } };
`;

test("before anything is made a signal ends the process, and later a second one does", () =>
  withPlaces(async (runs, places, folder) => {
    const plugin = join(folder, "waits.ts");
    const args = ["train", begin[0], "--plugin", plugin, ...begin.slice(3), ...places];
    await Deno.writeTextFile(plugin, waiting("any"));
    const early = await signalAt(args, "SIGINT", (error) => /waiting/.test(error));
    assertStopped(early, "SIGINT", "realign", ...args);
    assert.deepEqual(await filesIn(runs), []);

    await Deno.writeTextFile(plugin, waiting("train"));
    let first = false;
    const late = await signalAt(
      [...args, "--target.train.epochs=40"],
      "SIGTERM",
      (error, child) => {
        if (/waiting/.test(error) && !first) child.kill("SIGINT");
        first ||= /waiting/.test(error);
        return /a second one ends at once/.test(error);
      },
    );
    assert.equal(late.code, 143, late.error);
    assert.ok(late.seconds < 1);
  }));

test("a second signal ends the process while a computation lets none be heard", () =>
  withPlaces(async (_, places, folder) => {
    const plugin = join(folder, "computes.ts");
    const busy = waiting("train").replace(
      "const never = () => new Promise",
      `const never = () => {
  const begun = performance.now();
  while (performance.now() - begun < 20_000);
};
const unused = () => new Promise`,
    );
    await Deno.writeTextFile(plugin, busy);
    const args = ["train", begin[0], "--plugin", plugin, ...begin.slice(3), ...places];
    for (const signal of signals["long computations"]) {
      let sent = 0;
      const ended = await signalAt(
        [...args, "--target.train.epochs=40"],
        signal,
        (error, child) => {
          if (!/waiting/.test(error)) return false;
          if (sent === 0) child.kill(signal);
          sent ||= performance.now();
          return performance.now() - sent > 300;
        },
      );
      assert.equal(ended.code, signal === "SIGINT" ? 130 : 143, ended.error);
      assert.ok(ended.seconds < 1, `${ended.seconds} s`);
    }
  }));
