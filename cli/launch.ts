/**
 * The program `deno task launch`: one training in several processes of this machine. It may start programs, which the
 * command line itself may not.
 *
 * @module
 */
import { Command, InvalidArgumentError } from "commander";
import type { Context } from "./commands/options.ts";
import { runProgram } from "./run_program.ts";
import { runWorkers } from "./stages/launch.ts";
import { UsageError } from "./system/failure.ts";

/** The commands that several workers share. */
const COMMANDS: ReadonlySet<string> = new Set(["train", "train-target", "attack"]);

function workerCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 2) return count;
  throw new InvalidArgumentError("It must be an integer of at least 2.");
}

/** Makes the program. */
export function createLaunch(
  { overrides }: Context,
  write: { out: (text: string) => void; error: (text: string) => void },
): Command {
  return new Command("deno task launch")
    .description("Runs one training in several processes of this machine.")
    .option("--workers <n>", "number of processes; it must divide the batch size", workerCount, 2)
    .argument("<command...>", "train, train-target or attack, with its arguments")
    .passThroughOptions()
    .exitOverride()
    .configureOutput({ writeOut: write.out, writeErr: write.error, outputError: () => {} })
    .addHelpText(
      "after",
      `
The workers train like one process with the whole batch. Each has its share of the machine's cores, unless --threads
says otherwise. Several machines: docs/several_workers.md.

Examples:
  deno task launch --workers 2 train cls-shapes
  deno task launch --workers 2 train --resume latest`,
    )
    .action(async (words: string[], { workers }: { readonly workers: number }) => {
      if (!COMMANDS.has(words[0])) {
        throw new UsageError(
          `Cannot launch "${words[0]}" as workers share ${[...COMMANDS].join(", ")} alone`,
        );
      }
      const settings = overrides.map(({ path, text }) => `--${path.join(".")}=${text}`);
      await runWorkers([...words, ...settings], workers);
    });
}

if (import.meta.main) {
  const args = Deno.args.length === 0 ? ["--help"] : Deno.args;
  Deno.exit(await runProgram(args, createLaunch, ["deno task launch"]));
}
