/**
 * What tests of transfer run: commands in a folder of their own, on runs of seconds.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, TINY } from "../cli/testing.ts";
import { withFolder } from "../cli/testing_folder.ts";

/** Settings of a run of seconds. */
export const SMALL = [
  ...TINY,
  "--evaluation.batchSize=8",
  "--evaluation.threatModels.oblivious.attacks.deepfool.steps=1",
  "--evaluation.threatModels.whitebox.attacks.pgd-20.steps=1",
];

/** A folder with what is needed to run commands in it. */
export const withProgram = (
  use: (program: {
    readonly folder: string;
    readonly runs: string;
    readonly places: readonly string[];
    /** Runs a command that must succeed. */
    readonly realign: (...args: string[]) => Promise<{ out: string; error: string }>;
    /** The one line of a command that must fail. */
    readonly fail: (...args: string[]) => Promise<string>;
    /** Starts a run; gives its ID. */
    readonly start: (...args: string[]) => Promise<string>;
    readonly evaluate: (...args: string[]) => Promise<Evaluation>;
  }) => Promise<void>,
) =>
  withFolder(async (folder) => {
    const runs = join(folder, "runs");
    const places = ["--runs", runs, "--cache", join(folder, "cache")];
    const realign = async (...args: string[]) => {
      const { code, ...written } = await runHere(args);
      assert.equal(code, 0, `${args.join(" ")}\n${written.error}`);
      return written;
    };
    await use({
      folder,
      runs,
      places,
      realign,
      async fail(...args) {
        const { code, error } = await runHere(args);
        assert.notEqual(code, 0, args.join(" "));
        return /^error: (.*)\n$/m.exec(error)?.[1] ?? error;
      },
      async start(...args) {
        const { out } = await realign(...args, ...SMALL, ...places, "--json");
        return (JSON.parse(out) as { run: string }).run;
      },
      async evaluate(...args) {
        const { out } = await realign("evaluate", ...args, ...places, "--json");
        return JSON.parse(out) as Evaluation;
      },
    });
  });

/** A run's weights at the end of a stage. */
export const weightsOf = (runs: string, run: string, stage = "train-target") =>
  join(runs, run, "checkpoints", `${stage}-final.safetensors`);
