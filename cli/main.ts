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
import { createProgram } from "./program.ts";
import { runProgram } from "./run_program.ts";

/**
 * Runs one command.
 *
 * @param args The words after the program's name
 * @returns The exit code: 0, 2 for wrong usage, 130 or 143 after a signal, 75 to go on later, 1 for any other failure
 */
export async function main(args: readonly string[]): Promise<number> {
  return await runProgram(args.length === 0 ? ["--help"] : args, createProgram);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
