/**
 * `deno task keep-result RUN-FOLDER NAME`: keeps the figures of a run in bench/results.
 *
 * What names places on the machine that measured it, and outcomes of single examples, are left out.
 *
 * @module
 */
import type { Evaluation, MetricDetails, Preset } from "@realign/core";
import { withWeights } from "../../cli/presets/system_files.ts";
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { parseRunRecord, type RunRecord } from "../../cli/runs/run_record.ts";
import { formatJson } from "../../cli/system/json.ts";

/** An environment without the path of TensorFlow's library. */
function withoutPaths({ backend, ...environment }: Evaluation["environment"]) {
  const { library: _, ...kept } = (backend ?? {}) as { readonly library?: string };
  return { ...environment, backend: kept };
}

/** Details of a metric without what is long: curves, counts of each class taken for each other. */
function shortDetails({ curves: _, confusion: _confusion, ...details }: MetricDetails = {}) {
  return Object.keys(details).length > 0 ? { details } : {};
}

/** An evaluation as it is committed. */
export function toKeep(evaluation: Evaluation): Evaluation {
  return {
    ...evaluation,
    rows: evaluation.rows.map(({ outcomes: _, metric: { details, ...metric }, ...row }) => ({
      ...row,
      metric: { ...metric, ...shortDetails(details) },
    })),
    environment: withoutPaths(evaluation.environment),
  };
}

/** A preset as it is committed: weights by their file's name. */
export function presetToKeep(preset: Preset): Preset {
  const name = (path: string) => path.split(/[\\/]/).at(-1)!;
  return {
    ...preset,
    target: { ...preset.target, weights: name(preset.target.weights) },
    perceptual: { ...preset.perceptual, weights: name(preset.perceptual.weights) },
    evaluation: { ...preset.evaluation, systems: withWeights(preset, name) },
  };
}

/** What a run says of itself, as it is committed: no folder of a machine, weights by their file's name. */
export function runToKeep(run: RunRecord): Partial<RunRecord> {
  const { preset, steps, stages, digests, warnings, environment } = run;
  return {
    preset: presetToKeep(preset),
    steps,
    stages,
    digests,
    warnings,
    environment: withoutPaths(environment),
  };
}

if (import.meta.main) {
  const [folder, name] = Deno.args;
  if (folder === undefined || name === undefined) {
    console.error(
      "Cannot keep a result without a folder and a name: deno task keep-result RUN-FOLDER NAME",
    );
    Deno.exit(2);
  }
  const read = async (file: string): Promise<unknown> => {
    const text = await Deno.readTextFile(`${folder}/${file}`).catch(() => {
      console.error(`Cannot keep ${folder} as it has no ${file}: evaluate the run first`);
      Deno.exit(1);
    });
    return JSON.parse(text);
  };
  const write = (file: string, value: unknown) =>
    Deno.writeTextFile(new URL(`../results/${file}`, import.meta.url), `${formatJson(value)}\n`);
  const record = await read("run.json");
  const evaluation = parseEvaluation(
    await read("evaluation.json"),
    `${folder}/evaluation.json`,
    record,
  );
  await write(`${name}.json`, toKeep(evaluation));
  await write(
    `${name}.run.json`,
    runToKeep(parseRunRecord(record, `${folder}/run.json`)),
  );
}
