/**
 * `realign demo`: the whole pipeline on a small preset.
 *
 * @module
 */
import type { Command } from "commander";
import { evaluationTable } from "../report/text.ts";
import { withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import { beginOutput, type Context, workWords } from "./options.ts";
import { formatDuration } from "../terminal/progress.ts";
import { evaluateAndSave } from "./evaluate_and_save.ts";
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
      const output = beginOutput(options, context);
      const begun = performance.now();
      using run = await beginRun(PRESET, options, context, output, "train");
      const { handle } = run.store;
      const line = () =>
        [
          shellLine(["realign", "train", "--resume", handle, ...workWords(options)]),
          shellLine(["realign", "evaluate", handle, ...workWords(options)]),
          shellLine(["realign", "report", handle]),
        ].join(" && ");
      const { evaluation, report } = await withContinuation(line, async () => {
        await runStages(run, options, output, "train");
        await output.interruption.check();
        const evaluation = await evaluateAndSave(run, options, output);
        return { evaluation, report: await writeReport(run.store, output.interruption) };
      });
      const took = formatDuration((performance.now() - begun) / 1000);
      output.result(
        { run: run.store.id, report, evaluation },
        `${evaluationTable(evaluation)}\n\n${took} in total; see ${report}`,
      );
    });
}
