/**
 * `realign report`: writes a run's report.
 *
 * @module
 */
import type { Command } from "commander";
import { readEvaluation } from "../runs/evaluation_file.ts";
import { readCertification } from "../runs/certificate_file.ts";
import { readFeatures } from "../runs/feature_file.ts";
import { readOtherTargets } from "../runs/other_targets.ts";
import { timedReviews } from "../runs/reviews.ts";
import { readSamples } from "../runs/sample_files.ts";
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
import { withContinuation } from "../system/failure.ts";
import type { Interruption } from "../system/interruption.ts";
import { shellLine } from "../system/shell_words.ts";
import { certificateSection } from "../report/certificate_section.ts";
import { attackCurves } from "../report/attack_curves.ts";
import { ladderCharts } from "../report/ladder_section.ts";
import { lossCharts } from "../report/charts.ts";
import { reviewCurves } from "../report/review_curves.ts";
import { curveCharts } from "../report/curve_charts.ts";
import { renderReport } from "../report/html.ts";
import { RunStore } from "../runs/run_store.ts";

/** Adds the command. */
export function addReport(program: Command, context: Context): void {
  withRuns(program.command("report"))
    .description("write report.html: results, example images, loss curves, settings")
    .argument("<run>", 'a run: its ID or the start of it, a path, or "latest"')
    .option("--out <dir>", "folder for report.html, instead of the run's own", folder)
    .addHelpText(
      "after",
      `
Examples:
  realign report latest
  realign report cls-shapes-20250131-140233-kafo
  realign report shared/runs/cls-shapes-20250131-140233-kafo --out mine`,
    )
    .action(async (name: string, options: RunsOptions & OutOption) => {
      refuseOverrides(context, "a report shows the run's own settings");
      const output = beginOutput(options, context);
      using store = await RunStore.read(options.runs, name, output.warn, options.out);
      output.interruption.hold();
      const path = await withContinuation(
        () => shellLine(context.words),
        () => writeReport(store, output.interruption),
      ).catch((error) => {
        throw adviseOut(error);
      });
      output.result({ run: store.id, report: path }, path);
    });
}

/** Writes the report of a run; returns its path. */
export async function writeReport(store: RunStore, interruption: Interruption): Promise<string> {
  const evaluation = await readEvaluation(store);
  const metrics = await store.metrics.read();
  await interruption.check();
  const curves = evaluation && await curveCharts(evaluation);
  await interruption.check();
  const certification = await readCertification(store);
  const certificates = certification && await certificateSection(certification);
  const ladder = evaluation && await ladderCharts(evaluation);
  const growth = evaluation && await attackCurves(evaluation);
  await interruption.check();
  const reviews = await reviewCurves(
    timedReviews(metrics.filter(({ stage }) => stage === "train")),
    evaluation?.rows[0].metric.name ?? "metric",
  );
  const generatorCharts = await lossCharts(metrics, "train");
  await interruption.check();
  const targetCharts = await lossCharts(metrics, "train-target");
  const samples = await readSamples(store);
  const features = await readFeatures(store);
  await interruption.check();
  const { record } = store;
  const page = renderReport({
    record,
    evaluation,
    others: await readOtherTargets(store),
    ladder,
    growth,
    samples,
    features,
    curves,
    certificates,
    reviews,
    generatorCharts,
    targetCharts,
  });
  return await store.write("report.html", page);
}
