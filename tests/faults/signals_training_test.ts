/**
 * Signals in the training stages: heard within two seconds, what was made is kept, and the line that goes on.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  afterMoreSteps,
  finish,
  hasStepped,
  interrupt,
  steps,
  test,
  withPlaces,
} from "./signalled.ts";
import { begin, filesIn, PARTS } from "./small_run.ts";

/** Steps of O where it must not end before three signals have come. */
const TARGET_STEPS = 400;

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
