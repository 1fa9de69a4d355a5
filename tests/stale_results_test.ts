/**
 * Results of other code or of another O are not taken for those that are asked for: a plugin's attack is
 * changed between two trainings and two evaluations, and O's size between two evaluations.
 */
import type { Evaluation, StepRecord } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { succeed } from "../cli/testing.ts";
import { withFolder } from "../cli/testing_folder.ts";

const plugin = `
import { createClassification, presets } from "@realign/classification";
import { shift } from "./shift.ts";

const shapes = presets["cls-shapes"];
const attack = { name: "shift", epsilon: 0.031 };
const preset = {
  ...shapes,
  name: "shifted",
  task: "shifts",
  dataset: { ...shapes.dataset, trainExamples: 16 },
  target: { ...shapes.target, train: { ...shapes.target.train, batchSize: 8 } },
  generator: { ...shapes.generator, width: 4, blocks: 1 },
  train: { ...shapes.train, batchSize: 8, attackCache: 1 },
  attack,
  evaluation: {
    ...shapes.evaluation,
    examples: 8,
    batchSize: 8,
    threatModels: { oblivious: { attacks: { shift: attack } } },
  },
};
const createTask = ({ target }, names) => ({
  ...createClassification(names, target.size),
  name: "shifts",
  attacks: { shift },
});
export default {
  name: "shifts",
  apiVersion: 1,
  presets: { shifted: preset },
  attacks: { shift },
  createTask,
};
`;

/** An attack that moves all pixels by a share of epsilon. */
const attack = (share: number) => `
import * as tf from "@realign/core/tf";

export const shift = {
  title: "Shift",
  version: 1,
  options: {},
  create: ({ epsilon }) => ({
    perturb: (clean) =>
      Promise.resolve(tf.tidy(() => tf.clipByValue(tf.add(clean, ${share} * epsilon), 0, 1))),
    [Symbol.dispose]() {},
  }),
};
`;

/** Names in a folder; none where there is none. */
function names(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("an attack that is edited gives new figures, in a training as in an evaluation", () =>
  withFolder(async (folder) => {
    const realign = (...args: string[]) => succeed(args, { cwd: folder });
    const write = (share: number) => Deno.writeTextFile(join(folder, "shift.ts"), attack(share));
    /** Losses of G's only step. */
    const train = async (...more: string[]) => {
      const steps = ["--steps", "1", "--target-steps", "1"];
      const told = ["train", "shifted", "--plugin", "./mod.ts", ...steps, "--json", ...more];
      const { run } = JSON.parse(await realign(...told)) as { run: string };
      const lines = await Deno.readTextFile(join(folder, "runs", run, "metrics.jsonl"));
      const records = lines.trim().split("\n").map((line) => JSON.parse(line) as StepRecord);
      return records.at(-1)!.losses;
    };
    const evaluate = async (...more: string[]) => {
      const told = ["evaluate", "latest", "--plugin", "./mod.ts", "--replace", "--json", ...more];
      const { rows } = JSON.parse(await realign(...told)) as Evaluation;
      return rows.find((row) => row.attack === "shift")!.maxPerturbation;
    };
    const kept = () => names(join(folder, ".cache", "attacks")).length;

    await Deno.writeTextFile(join(folder, "mod.ts"), plugin);
    await write(1);
    const first = await train();
    assert.ok(Math.abs(await evaluate() - 0.031) < 1e-6);
    await write(0);
    assert.equal(await evaluate(), 0, "the evaluation is of the edited attack");
    const second = await train();
    assert.notDeepEqual(second, first, "the training is against the edited attack");
    assert.equal(kept(), 2);
    assert.deepEqual(await train(), second);
    assert.equal(kept(), 2, "the same code finds its images again");

    await Deno.remove(join(folder, ".cache"), { recursive: true });
    assert.deepEqual(await train("--cache", "off"), second);
    assert.equal(await evaluate("--cache", "off"), 0);
    assert.deepEqual(names(folder).sort(), ["mod.ts", "runs", "shift.ts"]);
  }));

Deno.test("the same weights at another size are attacked anew", () =>
  withFolder(async (folder) => {
    const realign = (...args: string[]) => succeed(args, { cwd: folder });
    const small = ["--dataset.trainExamples=128", "--evaluation.examples=16"];
    const told = ["train-target", "cls-shapes", "--steps", "1", "--json", ...small];
    const { run } = JSON.parse(await realign(...told)) as { run: string };
    const weights = `runs/${run}/checkpoints/train-target-final.safetensors`;
    const evaluate = async (side: number, ...more: string[]) => {
      const alone = ["--preset", "cls-shapes", "--target-weights", weights, "--attacks", "pgd"];
      const size = `--target.size=${side}x${side}`;
      const told = ["evaluate", ...alone, ...small, size, "--json", ...more];
      const { rows } = JSON.parse(await realign(...told)) as Evaluation;
      return rows.map(({ outcomes }) => outcomes);
    };
    await evaluate(32);
    assert.deepEqual(await evaluate(16), await evaluate(16, "--cache", "off"));
    assert.equal(names(join(folder, ".cache", "evaluated")).length, 2);
  }));
