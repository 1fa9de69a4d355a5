/**
 * `realign evaluate`: evaluates a run, or a target alone.
 *
 * @module
 */
import { type Evaluation, type Plugin, type Preset, UNDEFENDED, withDetail } from "@realign/core";
import { encodePng } from "@realign/datasets";
import { type Command, Option } from "commander";
import { isDeepStrictEqual } from "node:util";
import { UsageError, withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import { assertMayWrite } from "../system/safe_file.ts";
import { NO_CACHE } from "../runs/cache_key.ts";
import { saveSamples } from "../runs/sample_files.ts";
import { resolvePreset, resumeRun } from "./open_run.ts";
import {
  adviseOut,
  beginOutput,
  type Context,
  exampleCount,
  folder,
  type NormalizationOptions,
  normalizationOverrides,
  type OutOption,
  type Overridden,
  settingOverride,
  withNormalization,
  withWork,
  type WorkOptions,
} from "./options.ts";
import type { Output } from "../terminal/output.ts";
import { applyOverrides, type Override } from "../presets/overrides.ts";
import { printChanges } from "../presets/print_preset.ts";
import { evaluationTable } from "../report/text.ts";
import { strongestRow } from "../report/compared_rows.ts";
import { chooseFrom } from "../presets/choose_evaluation.ts";
import { evaluate } from "../stages/evaluation.ts";
import { openKit, openSystems } from "../stages/systems.ts";
import { collectSamples } from "../stages/samples.ts";
import { forgetColumns } from "../runs/evaluated_columns.ts";
import { prepareTarget } from "../stages/target.ts";
import { startBackend } from "./start_backend.ts";
import type { OpenRun } from "./open_run.ts";
import { type Split, Workbench } from "../stages/workbench.ts";

interface EvaluateOptions extends WorkOptions, NormalizationOptions, OutOption {
  readonly preset?: string;
  readonly architecture?: string;
  readonly targetWeights?: string;
  readonly examples?: number;
  readonly split: Split;
  readonly attacks?: string;
  readonly systems?: string;
  readonly replace?: boolean;
}

/** Adds the command. */
export function addEvaluate(program: Command, context: Context): void {
  withNormalization(withWork(program.command("evaluate")))
    .description("evaluate a run on clean and adversarial images, or a target network alone")
    .argument("[run]", 'a run: its ID or the start of it, a path, or "latest"')
    .option("--preset <name>", "evaluate a target alone, on this preset's data")
    .option("--architecture <name>", "with --preset: the target's architecture")
    .option("--target-weights <file>", "with --preset: safetensors file with its weights")
    .option("--examples <n>", 'number of examples of the split, or "all"', exampleCount)
    .addOption(
      new Option("--split <name>", "which images to evaluate on").choices(["test", "train"])
        .default("test"),
    )
    .option("--attacks <names>", 'attacks of the preset, comma-separated; "none" for clean only')
    .option("--systems <names>", 'systems of the preset, comma-separated; "none" for O alone')
    .option("--out <dir>", "folder for results and images, instead of the run's own", folder)
    .option("--replace", "save the results with the run even if settings differ from the run's own")
    .addHelpText(
      "after",
      `
Results obtained with the run's own settings are saved with the run, for its report. With other settings
they are only printed, unless the run has no results yet or --replace is given.

Examples:
  realign evaluate latest
  realign evaluate latest --examples 200 --attacks pgd --systems generator,jpeg
  realign evaluate latest --evaluation.systems.jpeg.defenses.0.quality=50
  realign evaluate --preset cls-cifar10 --architecture resnet20 --target-weights FILE --data DIR \\
    --examples 2000 --attacks none --json`,
    )
    .action(async (name: string | undefined, options: EvaluateOptions) => {
      const output = beginOutput(options, context);
      const evaluation = options.preset === undefined
        ? await evaluateRun(name, options, context, output)
        : await withContinuation(
          () => shellLine(context.words),
          () => evaluateTarget(name, options.preset!, options, context, output),
        );
      output.result(evaluation, evaluationTable(evaluation));
    });
}

async function evaluateRun(
  name: string | undefined,
  options: EvaluateOptions,
  context: Context,
  output: Output,
): Promise<Evaluation> {
  if (name === undefined) {
    throw new UsageError("Cannot evaluate as neither a run nor --preset was given");
  }
  const { targetWeights, architecture, mean, std } = options;
  if ([targetWeights, architecture, mean, std].some((value) => value !== undefined)) {
    throw new UsageError("Cannot change the target of a run: evaluate another one with --preset");
  }
  const foreign = context.overrides.find(({ path }) => path[0] !== "evaluation");
  if (foreign) {
    throw new UsageError(
      `Cannot set ${foreign.path.join(".")} of an existing run; only evaluation.* can be set`,
    );
  }
  await assertCache(options);
  using run = await resumeRun(name, options, { overrides: [] }, output, {
    adjust: (preset, plugin) => adjust(preset, plugin, options, context),
    training: false,
    split: options.split,
    out: options.out,
  }).catch((error) => {
    throw options.out === undefined ? adviseOut(error) : error;
  });
  // "latest" may be another run by the time that this one goes on.
  const words = context.words.map((word) => word === "latest" ? run.store.word : word);
  return await withContinuation(
    () => shellLine(words),
    () => evaluateAndSave(run, options, output),
  );
}

/** Evaluates a run, and saves results and example images with it. */
export async function evaluateAndSave(
  { bench, store }: OpenRun,
  options: WorkOptions & Partial<Pick<EvaluateOptions, "replace">>,
  output: Output,
): Promise<Evaluation> {
  for (const warning of store.record.warnings) output.warn(warning);
  using kit = openKit(bench, store);
  using systems = await openSystems(bench, kit);
  output.ready();
  await prepareTarget(bench, store, output);
  const evaluation = await evaluate(bench, systems, options, output, store);
  if (await mayReplace(bench, store, options)) {
    const collected = await collectSamples(
      bench,
      systems,
      strongestRow(evaluation.rows),
      output.interruption.signal,
    );
    await saveSamples(store, collected, encodePng);
    await store.writeJson("evaluation.json", evaluation);
  } else {
    output.note(
      `${store.id} keeps its saved evaluation because this one uses other settings or images: --replace overwrites it`,
    );
  }
  await forgetColumns(store);
  return evaluation;
}

/** Whether results may replace those of a run: with other settings only if requested. */
async function mayReplace(
  { preset: { evaluation }, split }: OpenRun["bench"],
  store: OpenRun["store"],
  { replace = false }: Pick<EvaluateOptions, "replace">,
): Promise<boolean> {
  if (replace || store.results !== store.folder) return true;
  if (split === "train") return false;
  if (isDeepStrictEqual(evaluation, store.record.preset.evaluation)) return true;
  const kept = await store.readJson("evaluation.json").catch(() => undefined);
  return kept === undefined;
}

async function evaluateTarget(
  run: string | undefined,
  presetName: string,
  options: EvaluateOptions,
  context: Context,
  output: Output,
): Promise<Evaluation> {
  if (run !== undefined) {
    throw new UsageError(`Cannot evaluate both the run ${run} and --preset ${presetName}`);
  }
  const chosen = await resolvePreset(presetName, options, context, [
    ...settingOverride("target.architecture", options.architecture),
    ...settingOverride("target.weights", options.targetWeights),
    ...normalizationOverrides(options),
  ]);
  if (chosen.preset.target.weights === "") {
    throw new UsageError(
      "Cannot evaluate a target alone without its weights: set them with --target-weights FILE",
    );
  }
  if (options.out !== undefined) {
    throw new UsageError("Cannot use --out with --preset as there is no run: use --json");
  }
  await assertCache(options);
  const systems = options.systems ?? UNDEFENDED;
  const adjusted = adjust(chosen.preset, chosen.plugin, { ...options, systems }, { overrides: [] });
  output.detail(printChanges(adjusted, chosen.plugin.presets[adjusted.name]));
  await startBackend(options, output);
  const { data, split } = options;
  using bench = await Workbench.open(adjusted, chosen, { data, training: false, split }, output);
  await bench.loadTarget(output);
  output.interruption.hold();
  using kit = openKit(bench);
  using measured = await openSystems(bench, kit);
  output.ready();
  return await evaluate(bench, measured, options, output);
}

/** Throws if the cache cannot be written, before images are made for it. */
async function assertCache({ cache }: EvaluateOptions): Promise<void> {
  if (cache === NO_CACHE) return;
  await assertMayWrite(cache).catch((error) => {
    throw withDetail(error, "; or use --cache off");
  });
}

/** Applies `--examples`, `--attacks`, `--systems` and `--evaluation.*` to a preset. */
function adjust(
  preset: Preset,
  plugin: Plugin,
  options: EvaluateOptions,
  context: Overridden,
): Preset {
  const overrides: Override[] = [
    ...settingOverride("evaluation.examples", options.examples),
    ...context.overrides,
  ];
  const adjusted = applyOverrides(preset, overrides, plugin);
  const evaluation = chooseFrom(adjusted.evaluation, options, adjusted.name);
  return { ...adjusted, evaluation };
}
