/**
 * `deno task bench paper`: the ablations of Table 1 as one grid that can be stopped.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { type Command, InvalidArgumentError } from "commander";
import { join } from "node:path";
import { formatJson } from "../../cli/system/json.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { resolvePreset } from "../../cli/commands/open_run.ts";
import { type Context, settingOverride, wholeNumber } from "../../cli/commands/options.ts";
import { type TrainOptions, withTraining } from "../../cli/commands/train.ts";
import { Output } from "../../cli/terminal/output.ts";
import { presetToKeep } from "../documents/keep_result.ts";
import { defaultCells, parseCell, SETTINGS } from "./cells.ts";
import { tableCharts } from "./charts.ts";
import { type FinishedCell, gridFolder, type GridPlan, runGrid } from "./grid.ts";
import { markdownTable } from "./markdown.ts";
import { renderTable } from "./page.ts";
import { collectTable, type PaperTable } from "./table.ts";

interface PaperOptions extends TrainOptions {
  readonly table: number;
  readonly preset: string;
  readonly seeds: number;
  readonly epochs?: string;
  readonly cells?: string;
  readonly keep?: string;
}

/** Adds the command. */
export function addPaper(program: Command, context: Context): void {
  withTraining(program.command("paper"))
    .description(
      "train and evaluate every row of the paper's Table 1, next to the paper's figures",
    )
    .option(
      "--table <n>",
      "table of the paper; only 1 is available",
      tableNumber,
      1,
    )
    .option("--preset <name>", "preset of every cell", "cls-cifar10-small")
    .option(
      "--seeds <n>",
      "number of seeds, counting up from the preset's or --seed",
      wholeNumber(1),
      1,
    )
    .option("--epochs <n>", "epochs of G's training, instead of the preset's")
    .option(
      "--cells <names>",
      `cells by name, comma-separated: ${
        SETTINGS.join(", ")
      }; "full@adversarial", "full@clean", "full@intermediate+gradient" change the pixel target`,
    )
    .option("--keep <name>", "save the table as bench/results/NAME.json and NAME.md")
    .addHelpText(
      "after",
      `
A cell is a run like any other: it has a report and can be resumed. The same command continues a
stopped grid, and keeps finished cells.

Examples:
  deno task bench paper --preset cls-cifar10-small --data DIR --seeds 2
  deno task bench paper --data DIR --epochs 3 --cells full,L_I,L_T
  deno task bench paper --preset cls-shapes --steps 50 --target-steps 100`,
    )
    .action(async (options: PaperOptions) => {
      const output = new Output(options.json ?? false);
      const plan = await planGrid(options, context);
      const finished: FinishedCell[] = [];
      const folder = gridFolder(plan);
      for await (const cell of runGrid(plan, output)) {
        finished.push(cell);
        await writeTable(folder, finished, plan.preset);
      }
      const table = collectTable(finished, plan.preset);
      if (options.keep !== undefined) await keep(options.keep, table);
      output.result(
        { folder, ...table },
        `${markdownTable(table)}\n${join(folder, "report.html")}`,
      );
    });
}

async function planGrid(options: PaperOptions, context: Context): Promise<GridPlan> {
  const { preset: name, seeds, epochs, cells } = options;
  const overrides = [...settingOverride("train.epochs", epochs), ...context.overrides];
  const { preset, digest } = await resolvePreset(name, options, { overrides }, [
    ...settingOverride("target.weights", options.targetWeights),
    ...settingOverride("target.architecture", options.architecture),
    ...settingOverride(
      "train.attackCache",
      options.attackCache === "off" ? 0 : options.attackCache,
    ),
  ]);
  return {
    name,
    preset,
    code: digest,
    overrides,
    options,
    cells: cells === undefined
      ? defaultCells(preset.losses)
      : cells.split(",").map((word) => parseCell(word.trim())),
    seeds: Array.from({ length: seeds }, (_, index) => preset.seed + index),
  };
}

/** Writes the table as it stands beside its runs. */
async function writeTable(
  folder: string,
  cells: readonly FinishedCell[],
  preset: Preset,
): Promise<void> {
  const table = collectTable(cells, preset);
  const page = renderTable(table, await tableCharts(table), presetToKeep(preset));
  await writeSafely(join(folder, "table.json"), `${formatJson(table)}\n`);
  await writeSafely(join(folder, "table.md"), markdownTable(table));
  await writeSafely(join(folder, "report.html"), page);
}

/** Keeps a table among the committed results. */
async function keep(name: string, table: PaperTable): Promise<void> {
  const path = (ending: string) => join(import.meta.dirname!, "..", "results", `${name}.${ending}`);
  await writeSafely(path("json"), `${formatJson(table)}\n`);
  await writeSafely(path("md"), markdownTable(table));
}

function tableNumber(text: string): number {
  if (text === "1") return 1;
  throw new InvalidArgumentError("Only table 1 is available.");
}
