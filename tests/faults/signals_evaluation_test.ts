/**
 * Signals where a trained run is measured, used and reported on, and in commands of several stages.
 */
import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { TINY } from "../../cli/testing.ts";
import { signals } from "./counts.ts";
import {
  afterMoreSteps,
  assertStopped,
  finish,
  hasStepped,
  interrupt,
  signalAt,
  test,
  withPlaces,
} from "./signalled.ts";
import { begin, filesIn } from "./small_run.ts";

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
    // The paper has tables of its own tasks only.
    const paper = ["paper", "--preset", "cls-shapes", ...TINY, "--cells", "L_I", ...few];
    await interrupt("bench paper", {
      args: [...paper, "--runs", grid, ...places.slice(2)],
      moment: afterMoreSteps(grid, "train-target", 2),
      line: ["deno", "task", "bench", ...paper],
      task: "bench",
    });
  }));
