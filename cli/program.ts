/**
 * All commands together.
 *
 * @module
 */
import { Command } from "commander";
import { addDefend } from "./commands/defend.ts";
import { addDemo } from "./commands/demo.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addPresets } from "./commands/presets.ts";
import { addReport } from "./commands/report.ts";
import { addTables } from "./commands/tables.ts";
import { addTrain } from "./commands/train.ts";
import { VERSION } from "./system/environment.ts";
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
      "after",
      `
Any setting of a preset can be changed: --train.batchSize=64 --attack.epsilon=8/255
Pipeline: train-target -> attack -> train -> evaluate -> report; "train" runs any missing stage.

Examples:
  realign demo
  realign train cls-cifar10-small --data DIR
  realign evaluate latest
  realign report latest`,
    );
  for (
    const add of [
      addTrain,
      addEvaluate,
      addReport,
      addDefend,
      addDemo,
      addPresets,
      addTables,
      addDoctor,
    ]
  ) {
    add(program, context);
  }
  return program;
}
