/**
 * `deno task bench`: measurements against PyTorch, and `deno task bench paper`: the paper's ablations,
 * `deno task bench way`: the time of a new user's way, `deno task bench serve`: a service under load,
 * `deno task bench models`: models of other programs as targets, `deno task bench page`: an exported page in a browser,
 * `deno task bench elsewhere`: a network from PyTorch, defended here, and run in onnxruntime,
 * `deno task bench workers`: several processes in one training,
 * `deno task bench start`: the time from a command to the first step.
 *
 * @module
 */
import { Command } from "commander";
import { VERSION } from "../cli/system/environment.ts";
import type { Context } from "../cli/commands/options.ts";
import { runProgram } from "../cli/run_program.ts";
import { addElsewhere } from "./elsewhere/command.ts";
import { addModels } from "./models/command.ts";
import { addPageBench } from "./page/command.ts";
import { addPaper } from "./paper/command.ts";
import { addServeBench } from "./serve/command.ts";
import { addBenches } from "./speed/command.ts";
import { addStartBench } from "./start/command.ts";
import { addWorkersBench } from "./workers/command.ts";
import { addWay } from "./way/command.ts";

/** Makes the commands. */
export function createBench(
  context: Context,
  write: { out: (text: string) => void; error: (text: string) => void },
): Command {
  const program = new Command("bench")
    .description("Measures Realign: the paper's ablations, and its speed against PyTorch.")
    .version(VERSION, "--version", "print the version")
    .option("--verbose", "show the stack of an error (or set REALIGN_DEBUG=1)")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: write.out, writeErr: write.error, outputError: () => {} });
  addBenches(program, context);
  addPaper(program, context);
  addWay(program, context);
  addServeBench(program, context);
  addModels(program, context);
  addElsewhere(program, context);
  addPageBench(program, context);
  addWorkersBench(program, context);
  addStartBench(program, context);
  return program;
}

if (import.meta.main) {
  Deno.exit(await runProgram(Deno.args, createBench, ["deno", "task", "bench"]));
}
