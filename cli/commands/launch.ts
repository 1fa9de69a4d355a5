/**
 * `realign launch`: several workers on this machine.
 *
 * @module
 */
import type { Command } from "commander";
import { runWorkers } from "../stages/launch.ts";
import { UsageError } from "../system/failure.ts";
import { type Context, wholeNumber } from "./options.ts";

/** The commands that several workers share. */
const COMMANDS: ReadonlySet<string> = new Set(["train", "train-target", "attack"]);

/** Adds the command. */
export function addLaunch(program: Command, { interruption, overrides }: Context): void {
  program.command("launch")
    .description("run one training in several processes of this machine")
    .option(
      "--workers <n>",
      "number of processes, which must divide the batch size",
      (text) => wholeNumber(2)(text),
      2,
    )
    .argument("<command...>", "train, train-target or attack, with its arguments")
    .passThroughOptions()
    .addHelpText(
      "after",
      `
The workers train like one process with the whole batch. Each has its share of the machine's cores, unless --threads
says otherwise. Several machines: docs/several_workers.md.

Examples:
  realign launch --workers 2 train cls-shapes
  realign launch --workers 2 train --resume latest`,
    )
    .action(async (words: string[], { workers }: { readonly workers: number }) => {
      if (!COMMANDS.has(words[0])) {
        throw new UsageError(
          `Cannot launch "${words[0]}" as workers share ${[...COMMANDS].join(", ")} alone`,
        );
      }
      const settings = overrides.map(({ path, text }) => `--${path.join(".")}=${text}`);
      await runWorkers([...words, ...settings], workers, interruption.listen());
    });
}
