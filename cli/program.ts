/**
 * All commands together.
 *
 * @module
 */
import { Command } from "commander";
import { addCertify } from "./commands/certify.ts";
import { addCompare } from "./commands/compare.ts";
import { addDefend } from "./commands/defend.ts";
import { addDemo } from "./commands/demo.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addExport } from "./commands/export.ts";
import { addInspect } from "./commands/inspect.ts";
import { addPresets } from "./commands/presets.ts";
import { addReport } from "./commands/report.ts";
import { addServe } from "./commands/serve.ts";
import { addTables } from "./commands/tables.ts";
import { addTrain } from "./commands/train.ts";
import { VERSION } from "./system/environment.ts";
import { EXIT_CODES } from "./system/failure.ts";
import type { Context } from "./commands/options.ts";

/**
 * Makes the command line.
 *
 * @param context What every command is told
 * @param write Takes help and messages
 */
export function createProgram(
  context: Context,
  write: { out: (text: string) => void; error: (text: string) => void },
): Command {
  const program = new Command("realign")
    .description(
      "Trains a generator that removes adversarial perturbations before images reach a frozen network.",
    )
    .version(VERSION, "--version", "print the version")
    .option("--verbose", "show the stack of an error (or set REALIGN_DEBUG=1)")
    .exitOverride()
    .configureOutput({ writeOut: write.out, writeErr: write.error, outputError: () => {} })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "before",
      `To defend a classifier, with DIR/train/CLASS/* and DIR/test/CLASS/* (or DIR/CLASS/*) and its weights in FILE:
  realign evaluate --preset cls-folder --data DIR --size 64x64 --architecture resnet50 --target-weights FILE --attacks none
  realign train cls-folder --data DIR --size 64x64 --architecture resnet50 --target-weights FILE
  realign evaluate latest
  realign report latest
  realign defend latest DIR/test --out restored
The first must print the accuracy that you know; if not, set --mean and --std. docs/defend_your_model.md says how long
it takes, what you get and what you may claim. Without a model: realign demo.

`,
    )
    .addHelpText(
      "after",
      `
Any setting of a preset can be changed: --train.batchSize=64 --attack.epsilon=8/255
Pipeline: train-target -> attack -> train -> evaluate -> report; "train" runs any missing stage.
Several processes in one training: deno task launch --workers 2 train PRESET
Exit codes: ${
        Object.entries(EXIT_CODES).map(([code, text]) => `${code} ${text}`).join("\n            ")
      }
All settings, commands, attacks and defenses: docs/reference`,
    );
  for (
    const add of [
      addTrain,
      addEvaluate,
      addCertify,
      addReport,
      addCompare,
      addDefend,
      addServe,
      addExport,
      addDemo,
      addInspect,
      addPresets,
      addTables,
      addDoctor,
    ]
  ) {
    add(program, context);
  }
  return program;
}
