/**
 * `realign compare`: runs beside each other.
 *
 * @module
 */
import type { Command } from "commander";
import { join } from "node:path";
import { readEvaluation } from "../runs/evaluation_file.ts";
import { RunStore } from "../runs/run_store.ts";
import {
  compareRuns,
  comparisonPage,
  comparisonText,
  type Measured,
} from "../report/comparison.ts";
import { shellLine } from "../system/shell_words.ts";
import { makeFolder, writeSafely } from "../system/safe_file.ts";
import {
  adviseOut,
  beginOutput,
  type Context,
  folder,
  type OutOption,
  refuseOverrides,
  type RunsOptions,
  withRuns,
} from "./options.ts";

/** The page's file. */
const PAGE = "compare.html";

/** Adds the command. */
export function addCompare(program: Command, context: Context): void {
  withRuns(program.command("compare"))
    .description("put evaluated runs beside each other: what each attacker leaves of each")
    .argument("<runs...>", 'runs: IDs or the start of them, paths, or "latest"')
    .option("--out <dir>", `folder for ${PAGE}, instead of the folder of all runs`, folder)
    .addHelpText(
      "after",
      `
Examples:
  realign compare latest cls-shapes-20250131-140233-kafo
  realign compare runs/one runs/two --out mine
  realign compare one two --json`,
    )
    .action(async (names: readonly string[], options: RunsOptions & OutOption) => {
      refuseOverrides(context, "a comparison shows what was measured");
      const output = beginOutput(options, context);
      const measured: Measured[] = [];
      for (const name of names) {
        await output.interruption.check();
        measured.push(await read(options.runs, name, output.warn));
      }
      const comparison = compareRuns(measured);
      for (const warning of comparison.warnings) output.warn(warning);
      const place = options.out ?? options.runs;
      const path = join(place, PAGE);
      await makeFolder(place);
      await writeSafely(path, await comparisonPage(comparison)).catch((error) => {
        throw adviseOut(error);
      });
      output.result({ page: path, ...comparison }, `${comparisonText(comparison)}\n\n${path}`);
    });
}

async function read(
  runs: string,
  name: string,
  warn: (message: string) => void,
): Promise<Measured> {
  using store = await RunStore.read(runs, name, warn);
  const evaluation = await readEvaluation(store);
  if (evaluation === undefined) {
    throw new Error(
      `Cannot compare ${store.id} as it has not been evaluated: ${
        shellLine(["realign", "evaluate", store.id])
      }`,
    );
  }
  return { run: store.id, evaluation };
}
