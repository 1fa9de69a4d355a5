/**
 * `deno task keep-result RUN-FOLDER NAME`: keeps the figures of a run, its certificates, and its features in numbers, in
 * bench/results.
 *
 * What names places on the machine that measured it, and outcomes of single examples, are left out.
 *
 * @module
 */
import { type Evaluation, mapTargets, type MetricDetails, type Preset } from "@realign/core";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCertification } from "../../cli/runs/certificate_file.ts";
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { parseFeatures } from "../../cli/runs/feature_file.ts";
import { OTHER_TARGET } from "../../cli/runs/other_targets.ts";
import { parseRunRecord, type RunRecord } from "../../cli/runs/run_record.ts";
import { renderFailure } from "../../cli/system/failure.ts";
import { formatJson } from "../../cli/system/json.ts";
import { listFiles, readJson, writeSafely } from "../../cli/system/safe_file.ts";
import { certificatesToKeep } from "./certificate_table.ts";
import { featuresToKeep } from "./features_table.ts";
import { withoutPaths } from "./without_paths.ts";

/** Details of a metric without what is long: curves, counts of each class taken for each other. */
function shortDetails({ curves: _, confusion: _confusion, ...details }: MetricDetails = {}) {
  return Object.keys(details).length > 0 ? { details } : {};
}

/** An evaluation as it is committed. */
export function toKeep(evaluation: Evaluation): Evaluation {
  return {
    ...evaluation,
    rows: evaluation.rows.map((
      { outcomes: _, ratios: _ratios, metric: { details, ...metric }, ...row },
    ) => ({
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
    evaluation: mapTargets(
      preset.evaluation,
      (other) => ({ ...other, weights: name(other.weights) }),
    ),
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

/**
 * Keeps the figures of a run.
 *
 * @param folder The run's
 * @param name What the files are called: NAME.json, NAME.run.json and, where there are features or certificates,
 * NAME.features.json and NAME.certificate.json; NAME-on-ARCHITECTURE.json where its G stood before another target
 * @param target The folder that they go into
 * @throws {Error} If the run has neither an evaluation nor certificates, or one of its files is not what it must be; one line, and
 * nothing is written
 */
export async function keepResult(folder: string, name: string, target: string): Promise<void> {
  const read = async (file: string): Promise<unknown> => {
    const value = await readJson(join(folder, file));
    if (value !== undefined) return value;
    throw new Error(`Cannot keep ${folder} as it has no ${file}: evaluate the run first`);
  };
  const run = await read("run.json");
  const record = parseRunRecord(run, join(folder, "run.json"));
  const proven = await readJson(join(folder, "certificate.json"));
  const certification = proven === undefined
    ? undefined
    : parseCertification(proven, join(folder, "certificate.json"));
  const isEvaluated = certification === undefined ||
    await readJson(join(folder, "evaluation.json")) !== undefined;
  const evaluation = isEvaluated
    ? parseEvaluation(await read("evaluation.json"), join(folder, "evaluation.json"), run)
    : undefined;
  const value = await readJson(join(folder, "features.json"));
  const features = value === undefined ? undefined : parseFeatures(value);
  const others: Evaluation[] = [];
  for (const file of (await listFiles(folder)).filter((file) => OTHER_TARGET.test(file))) {
    others.push(parseEvaluation(await read(file), join(folder, file)));
  }
  const write = (file: string, value: unknown) =>
    writeSafely(join(target, file), `${formatJson(value)}\n`);
  if (evaluation) await write(`${name}.json`, toKeep(evaluation));
  await write(`${name}.run.json`, runToKeep(record));
  for (const other of others) {
    await write(`${name}-on-${other.target.architecture}.json`, toKeep(other));
  }
  if (certification) {
    await write(`${name}.certificate.json`, certificatesToKeep(name, certification));
  }
  if (features) await write(`${name}.features.json`, featuresToKeep(name, features));
}

if (import.meta.main) {
  const [folder, name] = Deno.args;
  if (folder === undefined || name === undefined) {
    console.error(
      "error: Cannot keep a result without a folder and a name: deno task keep-result RUN-FOLDER NAME",
    );
    Deno.exit(2);
  }
  try {
    await keepResult(folder, name, fileURLToPath(new URL("../results", import.meta.url)));
  } catch (error) {
    console.error(renderFailure(error, false));
    Deno.exit(1);
  }
}
