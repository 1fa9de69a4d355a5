/**
 * `deno task bench paper`: the rows of the paper's tables as one grid that can be stopped.
 *
 * @module
 */
import { PAPER_SUITE, presetOn } from "@realign/core";
import type { Share } from "@realign/core/shares";
import type { Command } from "commander";
import { join } from "node:path";
import { formatJson } from "../../cli/system/json.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { duration } from "../../cli/commands/budget.ts";
import { NO_SUBSTITUTE } from "../../cli/commands/named_target.ts";
import { resolvePreset } from "../../cli/commands/open_run.ts";
import {
  beginOutput,
  type Context,
  settingOverride,
  wholeNumber,
} from "../../cli/commands/options.ts";
import { tellShare, withWorker } from "../../cli/commands/shares.ts";
import { type TrainOptions, withTraining } from "../../cli/commands/train.ts";
import { suiteOption, withChosenSuite } from "../../cli/presets/choose_suite.ts";
import { choosePreset } from "../../cli/presets/choose_preset.ts";
import { Claims } from "../../cli/runs/claims.ts";
import { UsageError, withContinuation } from "../../cli/system/failure.ts";
import { shellLine } from "../../cli/system/shell_words.ts";
import { presetToKeep } from "../documents/keep_result.ts";
import { cellBeside, parseCell, SETTINGS } from "./cells.ts";
import { tableCharts } from "./charts.ts";
import { exampleSection } from "./example.ts";
import { gridFolder, runGrid } from "./grid.ts";
import type { FinishedCell, GridPlan } from "./plan.ts";
import {
  cellsOf,
  datasetBeside,
  fileWordOf,
  kindOf,
  KINDS,
  secondOf,
  type TableKind,
} from "./kinds.ts";
import { markdownTable } from "./markdown.ts";
import { renderTable } from "./page.ts";
import type { PaperTable } from "./paper_table.ts";
import { collectTable, type PublishedFor, type RivalsFor } from "./table.ts";

/** Options of the command. */
export interface PaperOptions extends TrainOptions {
  readonly table: string;
  readonly preset: string;
  readonly seeds: number;
  readonly epochs?: string;
  readonly cells?: string;
  readonly second?: string;
  readonly secondArchitecture?: string;
  readonly keep?: string;
  readonly suite: string;
  readonly examples?: number;
  readonly worker?: Share;
  /** Whether to wait for cells that other processes have. */
  readonly wait: boolean;
  /** In seconds. */
  readonly claimTimeout: number;
}

/** Adds the command. */
export function addPaper(program: Command, context: Context): void {
  const shared = withWorker(
    withTraining(program.command("paper")),
    "only this worker's share of the cells; the table is written by the command without --worker",
  );
  shared
    .description(
      "train and evaluate the rows of one of the paper's tables, next to its figures",
    )
    .option(
      "--table <name>",
      `table of the paper: ${
        KINDS.map(({ name }) => name).join(", ")
      }, the last for what the values of the authors' code change`,
      "1",
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
    .option(
      "--second <run or file>",
      "second network of tables 12 to 16, a run's target or a safetensors file, instead of training one",
    )
    .option(
      "--second-architecture <name>",
      "its architecture, or that of O in tables 6 to 11, instead of the preset's pair",
    )
    .addOption(suiteOption())
    .option(
      "--examples <n>",
      "number of examples for a suite that is not the paper's, instead of the preset's",
      wholeNumber(1),
    )
    .option(
      "--no-wait",
      "end with exit code 75 where all cells that are left are other processes', instead of waiting for them",
    )
    .option(
      "--claim-timeout <time>",
      "a process on another machine that was silent for so long counts as dead, and its cell is taken over",
      duration,
      120,
    )
    .option("--keep <name>", "save the table as bench/results/NAME.json and NAME.md")
    .addHelpText(
      "after",
      `
A cell is a run like any other: it has a report and can be resumed. The same command continues a
stopped grid, and keeps finished cells; started several times, on one machine or on many that share the
folder of runs, it shares the cells out. Tables with the same O share their runs: 1, 5, 12 and 15 train once.

Examples:
  deno task bench paper --preset cls-cifar10-small --data DIR --seeds 2
  deno task bench paper --data DIR --epochs 3 --cells full,L_I,L_T
  deno task bench paper --table values --data DIR --epochs 1 --evaluation.threatModels.whitebox.attacks.pgd-20=none
  deno task bench paper --table 12 --data DIR --second FILE --second-architecture resnet20
  deno task bench paper --table 3 --data DIR --suite standard --examples 200
  deno task bench paper --table 4 --preset seg-camvid-small --data DIR --cells full,sat,ddcat,hgd
  deno task bench paper --preset cls-shapes --steps 50 --target-steps 100
  deno task bench paper --table 3 --data DIR --runs SHARED --cache SHARED/cache --max-hours 23.5`,
    )
    .action(async (options: PaperOptions) => {
      const output = beginOutput(options, context);
      const { plan, published, rivals } = await planGrid(options, context);
      const folder = gridFolder(plan);
      const { interruption } = output;
      using claims = new Claims(
        join(folder, "claims"),
        options.claimTimeout,
        (message) => interruption.end(`a claim is lost: ${message}`),
      );
      const finished: FinishedCell[] = [];
      const collect = () =>
        collectTable(inOrder(plan, finished), plan.preset, plan.kind, published, rivals);
      const { worker, wait: waits } = options;
      await withContinuation(() => shellLine(context.words), async () => {
        for await (const cell of runGrid(plan, output, { claims, share: worker, waits })) {
          finished.push(cell);
          if (!worker) await writeTable(folder, collect(), plan, inOrder(plan, finished));
          await interruption.check();
        }
      });
      if (worker) {
        const cells = finished.map(({ cell, seed }) => ({ cell: cell.name, seed }));
        const text = `${cells.length} cells in ${folder}`;
        return tellShare(worker, { folder, cells }, text, context.words, output);
      }
      const table = collect();
      if (options.keep !== undefined) await keep(options.keep, table);
      output.result(
        { folder, ...table },
        `${markdownTable(table)}\n${join(folder, reportName(plan.kind))}`,
      );
    });
}

/** A grid before it runs. */
interface Planned {
  readonly plan: GridPlan;
  readonly published: PublishedFor;
  readonly rivals: RivalsFor;
}

/**
 * Plans a grid: its preset, its cells, its second network. Nothing is trained.
 *
 * @param options Of the command
 * @param context Settings of the command line
 * @returns The plan, and where the paper's figures are looked up
 * @throws {UsageError} If the table, a cell or an option is impossible
 */
export async function planGrid(options: PaperOptions, context: Context): Promise<Planned> {
  const { preset: name, seeds, epochs, cells, table, second, secondArchitecture } = options;
  const { suite, examples } = options;
  const chosen = await choosePreset(name, options.plugin);
  const isPapers = suite === PAPER_SUITE;
  if (isPapers && examples !== undefined) {
    throw new UsageError(
      "Cannot use --examples without --suite: set evaluation.examples, which is a grid of its own",
    );
  }
  const kind = { ...kindOf(table, chosen.preset.task), ...(!isPapers && { suite }) };
  const isAlone = kind.view === "own";
  if (second !== undefined && isAlone) {
    throw new UsageError(`Cannot use --second as table ${table} has no second network`);
  }
  const pair = isAlone && !kind.onSecond || second !== undefined
    ? undefined
    : secondOf(chosen.preset, secondArchitecture);
  const overrides = [
    ...settingOverride("train.epochs", epochs),
    ...settingOverride("target.architecture", kind.onSecond ? pair?.architecture : undefined),
    ...settingOverride("target.size", kind.onSecond ? pair?.size?.join("x") : undefined),
    ...context.overrides,
  ];
  const own = { ...options, substitute: NO_SUBSTITUTE };
  const { preset, digest, plugin } = await resolvePreset(name, own, { overrides }, [
    ...settingOverride("target.weights", options.targetWeights),
    ...settingOverride("target.architecture", options.architecture),
    ...settingOverride(
      "train.attackCache",
      options.attackCache === "off" ? 0 : options.attackCache,
    ),
  ]);
  // Fails before anything is trained.
  withChosenSuite(preset, plugin, { suite });
  const beside = { ...preset, dataset: { ...preset.dataset, name: datasetBeside(preset) } };
  return {
    plan: {
      ...{ name, kind, preset, examples, code: digest, overrides, options },
      ...(second !== undefined && { second: { word: second, architecture: secondArchitecture } }),
      ...(!isAlone && pair && { second: { target: pair } }),
      cells:
        (cells === undefined
          ? cellsOf(kind, preset)
          : cells.split(",").map((word) => parseCell(word.trim())))
          .map((cell) => cellBeside(cell, preset)),
      seeds: Array.from({ length: seeds }, (_, index) => preset.seed + index),
    },
    published: (setting, { target: { architecture } }) => {
      const trainedBy = { ...beside, losses: { ...beside.losses, setting } };
      const moved = presetOn(trainedBy, { architecture, weights: "" });
      return kind.view === "moved"
        ? plugin.published?.(moved, trainedBy)
        : plugin.published?.(trainedBy);
    },
    rivals: ({ target: { architecture } }) =>
      plugin.publishedRivals?.(presetOn(beside, { architecture, weights: "" }), kind.view),
  };
}

/** Cells in the order of the plan, whoever finished them when. */
function inOrder(
  { cells, seeds }: Pick<GridPlan, "cells" | "seeds">,
  finished: readonly FinishedCell[],
): FinishedCell[] {
  const names = cells.map(({ name }) => name);
  const placeOf = ({ cell, seed }: FinishedCell) =>
    seeds.indexOf(seed) * names.length + names.indexOf(cell.name);
  return finished.toSorted((a, b) => placeOf(a) - placeOf(b));
}

const isFirst = (kind: TableKind) => fileWordOf(kind) === "1";

const reportName = (kind: TableKind) =>
  isFirst(kind) ? "report.html" : `report-${fileWordOf(kind)}.html`;

/** Writes the table as it stands beside its runs. */
async function writeTable(
  folder: string,
  table: PaperTable,
  { preset, kind }: GridPlan,
  cells: readonly FinishedCell[],
): Promise<void> {
  const charts = await tableCharts(table);
  const example = exampleSection(cells, table);
  const page = renderTable(table, charts, presetToKeep(preset), kind, example);
  const name = isFirst(kind) ? "table" : `table-${fileWordOf(kind)}`;
  await writeSafely(join(folder, `${name}.json`), `${formatJson(table)}\n`);
  await writeSafely(join(folder, `${name}.md`), markdownTable(table));
  await writeSafely(join(folder, reportName(kind)), page);
}

/** Keeps a table among the committed results. */
async function keep(name: string, table: PaperTable): Promise<void> {
  const path = (ending: string) => join(import.meta.dirname!, "..", "results", `${name}.${ending}`);
  await writeSafely(path("json"), `${formatJson(table)}\n`);
  await writeSafely(path("md"), markdownTable(table));
}
