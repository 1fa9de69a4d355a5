/**
 * Runs a program of commands: dotted options, messages, exit codes.
 *
 * @module
 */
import { type Command, CommanderError } from "commander";
import { exitCodeOf, renderFailure, UsageError } from "./system/failure.ts";
import { Interruption } from "./system/interruption.ts";
import { shellLine } from "./system/shell_words.ts";
import type { Context } from "./commands/options.ts";
import { splitOverrides } from "./presets/overrides.ts";
import { printNote, printResult } from "./terminal/print.ts";

/** Makes a program's commands. */
export type ProgramFactory = (
  context: Context,
  write: { out: (text: string) => void; error: (text: string) => void },
) => Command;

/**
 * Runs one command of a program.
 *
 * @param args The words after the program's name
 * @param create Makes the program
 * @param name How the program is called, in words
 * @returns The exit code: 0, 2 for wrong usage, 130 or 143 after a signal, 75 to go on later, 1 for any other failure
 */
export async function runProgram(
  args: readonly string[],
  create: ProgramFactory,
  name: readonly string[] = ["realign"],
): Promise<number> {
  const words = [...name, ...args];
  using interruption = new Interruption(printNote, shellLine(words));
  try {
    const { overrides, rest } = splitOverrides(args.filter((word) => word !== "--verbose"));
    const program = create({ overrides, words, interruption }, {
      out: (text) => printResult(text.trimEnd()),
      error: (text) => printNote(text.trimEnd()),
    });
    await program.parseAsync(rest, { from: "user" });
    return interruption.exitCode ?? 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? asUsageError(error) : error;
    printNote(renderFailure(failure, args.includes("--verbose") || isDebugging()));
    return exitCodeOf(failure);
  }
}

/** Commander's message on one line, with where to read on. */
function asUsageError({ message }: CommanderError): UsageError {
  const text = message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ").replace(/\.$/, "");
  return new UsageError(`${text[0].toUpperCase()}${text.slice(1)}; see --help`);
}

function isDebugging(): boolean {
  return Deno.permissions.querySync({ name: "env", variable: "REALIGN_DEBUG" }).state ===
      "granted" && Boolean(Deno.env.get("REALIGN_DEBUG"));
}
