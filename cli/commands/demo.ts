/**
 * `realign demo`: everything once, small.
 *
 * @module
 */
import type { Command } from "commander";
import { evaluationTable } from "../report/text.ts";
import type { Context } from "./options.ts";
import { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { evaluateAndSave } from "./evaluate.ts";
import { writeReport } from "./report.ts";
import { beginRun, runStages, type TrainOptions, withTraining } from "./train.ts";

const PRESET = "cls-shapes";

/** Adds the command. */
export function addDemo(program: Command, context: Context): void {
  withTraining(program.command("demo"))
    .description(`train and evaluate ${PRESET} and write its report: needs no files, takes minutes`)
    .addHelpText(
      "after",
      `
Examples:
  realign demo
  realign demo --backend wasm --steps 50`,
    )
    .action(async (options: TrainOptions) => {
      const output = new Output(options.json ?? false);
      const begun = performance.now();
      using run = await beginRun(PRESET, options, context, output, "train");
      await runStages(run, options, output, "train");
      const evaluation = await evaluateAndSave(run, options, output);
      const report = await writeReport(run.store);
      const took = formatDuration((performance.now() - begun) / 1000);
      output.result(
        { run: run.store.id, report, evaluation },
        `${evaluationTable(evaluation)}\n\n${took} in total; see ${report}`,
      );
    });
}
