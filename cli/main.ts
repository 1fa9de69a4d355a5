/**
 * The command line: `realign train`, `evaluate`, `report` and others; see `realign --help`.
 *
 * @example Usage
 * ```ts ignore
 * import { main } from "@realign/cli";
 *
 * const exitCode = await main(["presets", "--json"]);
 * ```
 *
 * @module
 */
import { CommanderError } from "commander";
import { exitCodeOf, renderFailure, UsageError } from "./failure.ts";
import { splitOverrides } from "./overrides.ts";
import { createProgram } from "./program.ts";

/**
 * Runs one command.
 *
 * @param args The words after the program's name
 * @returns The exit code: 0, 2 for wrong usage, 130 after Ctrl-C, 1 for any other failure
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { overrides, rest } = splitOverrides(args.filter((word) => word !== "--verbose"));
    const program = createProgram({ overrides }, {
      out: (text) => console.log(text.trimEnd()),
      error: (text) => console.error(text.trimEnd()),
    });
    if (rest.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync(rest, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? asUsageError(error) : error;
    console.error(renderFailure(failure, args.includes("--verbose") || isDebugging()));
    return exitCodeOf(failure);
  }
}

/** Commander's message on one line, with where to read on. */
function asUsageError({ message }: CommanderError): UsageError {
  const text = message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ").replace(/\.$/, "");
  return new UsageError(`${text[0].toUpperCase()}${text.slice(1)}; see realign --help`);
}

function isDebugging(): boolean {
  return Deno.permissions.querySync({ name: "env", variable: "REALIGN_DEBUG" }).state ===
      "granted" && Boolean(Deno.env.get("REALIGN_DEBUG"));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
