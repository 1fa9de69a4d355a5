/**
 * `realign demo`: the whole pipeline on a small preset.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import type { Command } from "commander";
import { evaluationTable } from "../report/text.ts";
import { withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import { beginOutput, type Context, workWords } from "./options.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { evaluateAndSave } from "./evaluate_and_save.ts";
import { writeReport } from "./report.ts";
import { beginRun, runStages, type TrainOptions, withTraining } from "./train.ts";

const PRESET = "cls-shapes";
/** The same O and G, trained on against an attacker who knows G. */
const ROBUST = "cls-shapes-robust";

interface DemoOptions extends TrainOptions {
  readonly robust?: boolean;
}

/** A run of the demo and what came of it. */
interface Shown {
  readonly run: string;
  /** The page's path. */
  readonly report: string;
  readonly evaluation: Evaluation;
}

/** Adds the command. */
export function addDemo(program: Command, context: Context): void {
  withTraining(program.command("demo"))
    .description(`train and evaluate ${PRESET} and write its report: needs no files, takes minutes`)
    .option(
      "--robust",
      `then go on with its G by ${ROBUST}, against an attacker who knows it: a quarter of an hour more, and its attacks`,
    )
    .addHelpText(
      "after",
      `
Examples:
  realign demo
  realign demo --robust
  realign demo --backend wasm --steps 50`,
    )
    .action(async (options: DemoOptions) => {
      const output = beginOutput(options, context);
      const begun = performance.now();
      const first = await show(PRESET, options, context, output);
      const robust = options.robust
        ? await show(ROBUST, { ...options, from: first.run }, context, output)
        : undefined;
      const took = formatDuration((performance.now() - begun) / 1000);
      const compared = robust &&
        `; beside each other: ${shellLine(["realign", "compare", first.run, robust.run])}`;
      const shown = [first, ...robust ? [robust] : []];
      output.result(
        { ...first, ...(robust && { robust }) },
        [
          ...shown.map(({ evaluation }) => `${evaluationTable(evaluation)}\n`),
          `${took} in total; see ${shown.map(({ report }) => report).join(" and ")}${
            compared ?? ""
          }`,
        ].join("\n"),
      );
    });
}

/** Trains and evaluates a preset, and writes its report. */
async function show(
  preset: string,
  options: TrainOptions,
  context: Context,
  output: Output,
): Promise<Shown> {
  using run = await beginRun(preset, options, context, output, "train");
  const { handle } = run.store;
  const line = () =>
    [
      shellLine(["realign", "train", "--resume", handle, ...workWords(options)]),
      shellLine(["realign", "evaluate", handle, ...workWords(options)]),
      shellLine(["realign", "report", handle]),
    ].join(" && ");
  return await withContinuation(line, async () => {
    await runStages(run, options, output, "train");
    await output.interruption.check();
    const evaluation = await evaluateAndSave(run, options, output);
    const report = await writeReport(run.store, output.interruption);
    return { run: run.store.id, report, evaluation };
  });
}
