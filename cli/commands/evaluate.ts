/**
 * `realign evaluate`: evaluates a run, or a target alone.
 *
 * @module
 */
import {
  type Evaluation,
  hasWeights,
  type Plugin,
  type Preset,
  UNDEFENDED,
  withDetail,
  withOwnTargets,
} from "@realign/core";
import type { Share } from "@realign/core/shares";
import { type Command, Option } from "commander";
import { UsageError, withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import { assertMayWrite, assertMayWriteFile } from "../system/safe_file.ts";
import { NO_CACHE } from "../runs/cache_key.ts";
import { Budget, duration } from "./budget.ts";
import { type OpenRun, resolvePreset, resumeRun } from "./open_run.ts";
import {
  adviseOut,
  beginOutput,
  type Context,
  exampleCount,
  folder,
  type OutOption,
  settingOverride,
  type TargetOptions,
  targetOverrides,
  withSubstitute,
  withTarget,
  withWork,
  type WorkOptions,
} from "./options.ts";
import type { Output } from "../terminal/output.ts";
import { applyOverrides, type Override } from "../presets/overrides.ts";
import { printChanges } from "../presets/print_preset.ts";
import { evaluationTable } from "../report/text.ts";
import {
  type SuiteOption,
  suiteOption,
  withChosenSuite,
  withSuiteMarked,
} from "../presets/choose_suite.ts";
import { withNamedSystems } from "../presets/named_systems.ts";
import { chooseFrom } from "../presets/choose_evaluation.ts";
import { withoutUntrained } from "../presets/with_substitute.ts";
import { evaluate } from "../stages/evaluation.ts";
import { dataFolder } from "../stages/open_split.ts";
import { openSubstitutes } from "../stages/substitutes.ts";
import { openKit, openSystems } from "../stages/systems.ts";
import { assertEntry, writeEntry } from "./robustbench.ts";
import { evaluateAndSave, shareEvaluation } from "./evaluate_and_save.ts";
import { assertShareable, tellShare, withWorker } from "./shares.ts";
import { startBackend } from "./start_backend.ts";
import type { Split } from "../stages/splits.ts";
import { Workbench } from "../stages/workbench.ts";
import { type SubstituteOptions, withNamedSubstitute, withNamedTarget } from "./named_target.ts";

interface EvaluateOptions
  extends WorkOptions, TargetOptions, SubstituteOptions, OutOption, SuiteOption {
  readonly preset?: string;
  readonly examples?: number;
  readonly split: Split;
  readonly attacks?: string;
  readonly systems?: string;
  readonly replace?: boolean;
  readonly robustbench?: string;
  /** In seconds. */
  readonly budget?: number;
  readonly saveAdversarial?: string;
  readonly submit?: string;
  readonly worker?: Share;
}

/** Adds the command. */
export function addEvaluate(program: Command, context: Context): void {
  const target =
    "another target for the run's generator, or with --preset the target that is evaluated alone: a run's, a model file (.onnx), or a safetensors file of --architecture";
  withWorker(
    withSubstitute(withTarget(withWork(program.command("evaluate")), target)),
    "of a run: only make this worker's share of the adversarial images, for the same command without --worker",
  )
    .description("evaluate a run on clean and adversarial images, or a target network alone")
    .argument("[run]", 'a run: its ID or the start of it, a path, or "latest"')
    .option(
      "--preset <name>",
      "evaluate a target alone on this preset's data: that of --target, or of --architecture, --target-weights, --size, --mean and --std",
    )
    .option("--examples <n>", 'number of examples of the split, or "all"', exampleCount)
    .addOption(
      new Option("--split <name>", "which images to evaluate on").choices(["test", "train"])
        .default("test"),
    )
    .addOption(suiteOption())
    .option("--attacks <names>", 'attacks of the preset, comma-separated; "none" for clean only')
    .option("--systems <names>", 'systems of the preset, or chains as tvm+jpeg; "none" for O alone')
    .option(
      "--budget <time>",
      "stop after this time, e.g. 90s, 30m, 2h, with what was measured; the strongest attackers go first",
      duration,
    )
    .option(
      "--save-adversarial <dir>",
      "keep all adversarial images, a safetensors file for each attack, and measure them rounded to 8 bit too",
      folder,
    )
    .option(
      "--submit <file>",
      "measure adversarial images of others too: safetensors with x_adv [N, H, W, 3] in [0, 1] and indices [N]",
    )
    .option(
      "--robustbench <file>",
      "write an entry for RobustBench's list, with what only its authors know left empty",
    )
    .option("--out <dir>", "folder for results and images, instead of the run's own", folder)
    .option("--replace", "save the results with the run even if settings differ from the run's own")
    .addHelpText(
      "after",
      `
Results obtained with the run's own settings are saved with the run, for its report. With other settings
they are only printed, unless the run has no results yet or --replace is given. Results in front of another
target are saved beside them. A stronger suite takes the place of a weaker one.

An evaluation that is stopped, or runs out of its budget, goes on where it was when it is started again.

Examples:
  realign evaluate latest
  realign evaluate latest --suite standard --budget 2h
  realign evaluate latest --suite strong --save-adversarial DIR
  realign evaluate latest --submit FILE
  realign evaluate RUN --suite standard --worker 1/4
  realign evaluate latest --examples 200 --attacks pgd --systems generator,jpeg
  realign evaluate latest --evaluation.systems.jpeg.defenses.0.quality=50
  realign evaluate latest --substitute OTHER-RUN
  realign evaluate latest --substitute resnet18.onnx --substitute-adapter resnet18.json
  realign evaluate latest --target FILE --architecture resnet20
  realign evaluate latest --target resnet18.onnx --adapter resnet18.json
  realign evaluate --preset cls-folder --data DIR --target resnet18.onnx --examples 100
  realign evaluate latest --suite standard --examples all --robustbench entry.json
  realign evaluate --preset cls-cifar10 --architecture resnet20 --target-weights FILE --data DIR \\
    --examples 2000 --attacks none --json`,
    )
    .action(async (name: string | undefined, options: EvaluateOptions) => {
      const output = beginOutput(options, context);
      const { worker: share } = options;
      if (share) {
        assertShareable(options);
        const make = (run: OpenRun) => shareEvaluation(run, { ...options, share }, output);
        const images = await withRun(name, options, context, output, make);
        return tellShare(share, { images }, `${images} adversarial images`, context.words, output);
      }
      const evaluation = options.preset === undefined
        ? await withRun(
          name,
          options,
          context,
          output,
          (run) => evaluateAndSave(run, options, output),
        )
        : await withContinuation(
          () => shellLine(context.words),
          () => evaluateTarget(name, options.preset!, options, context, output),
        );
      output.result(evaluation, evaluationTable(evaluation));
      if (options.robustbench !== undefined) await writeEntry(options.robustbench, evaluation);
    });
}

/** Opens a run with the settings of an evaluation. */
async function withRun<T>(
  name: string | undefined,
  options: EvaluateOptions,
  context: Context,
  output: Output,
  work: (run: OpenRun) => Promise<T>,
): Promise<T> {
  if (name === undefined) {
    throw new UsageError("Cannot evaluate as neither a run nor --preset was given");
  }
  const { target, targetWeights, architecture, adapter, size, mean, std } = options;
  const described = [architecture, adapter, mean, std].some((value) => value !== undefined);
  if (targetWeights !== undefined || size !== undefined || described && target === undefined) {
    throw new UsageError(
      "Cannot change the target of a run: evaluate its generator in front of another one with --target, or another one alone with --preset",
    );
  }
  const settable = ["evaluation", ...(target === undefined ? [] : ["target"])];
  const foreign = context.overrides.find(({ path }) => !settable.includes(path[0]));
  if (foreign) {
    throw new UsageError(
      `Cannot set ${foreign.path.join(".")} of an existing run; only ${
        settable.map((group) => `${group}.*`).join(" and ")
      } can be set`,
    );
  }
  await assertPlaces(options);
  using run = await resumeRun(name, options, { overrides: [] }, output, {
    adjust: async (preset, plugin) => {
      const naming = { runs: options.runs, warn: output.warn, preset };
      const from = target === undefined ? preset : withOwnTargets(preset);
      const on = await withNamedTarget(from, options, naming, context.overrides);
      const named = await withNamedSubstitute(on, options, naming);
      const overrides = [...targetOverrides({ mean, std }), ...context.overrides];
      const suited = withChosenSuite(named, plugin, options, overrides);
      const adjusted = adjust(suited, plugin, options, overrides);
      if (options.robustbench !== undefined) assertEntry(adjusted, options.split);
      return adjusted;
    },
    training: false,
    split: options.split,
    out: options.out,
    otherTarget: target !== undefined,
    readOnly: options.worker !== undefined,
  }).catch((error) => {
    throw options.out === undefined ? adviseOut(error) : error;
  });
  // "latest" may be another run by the time that this one goes on.
  const words = context.words.map((word) => word === "latest" ? run.store.word : word);
  return await withContinuation(() => shellLine(words), () => work(run));
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
  if (options.out !== undefined || options.replace) {
    const name = options.replace ? "--replace" : "--out";
    throw new UsageError(`Cannot use ${name} with --preset as there is no run: use --json`);
  }
  const overrides = targetOverrides(options);
  const chosen = await resolvePreset(presetName, options, context, overrides, output.warn);
  if (!hasWeights(chosen.preset.target)) {
    throw new UsageError(
      "Cannot evaluate a target alone without its weights: set them with --target-weights FILE, or name a run or a model file with --target",
    );
  }
  await assertPlaces(options);
  const evaluation = withoutUntrained(chosen.preset, output.note);
  const preset = { ...chosen.preset, evaluation };
  const only = { ...options, systems: options.systems ?? UNDEFENDED };
  const adjusted = adjust(preset, chosen.plugin, only, context.overrides, []);
  if (options.robustbench !== undefined) assertEntry(adjusted, options.split);
  const { split } = options;
  const data = dataFolder(adjusted, chosen.plugin, options.data);
  output.detail(printChanges(adjusted, chosen.plugin.presets[adjusted.name]));
  await startBackend(options, output);
  using bench = await Workbench.open(adjusted, chosen, { data, training: false, split }, output);
  await bench.loadTarget(output);
  output.interruption.hold();
  using kit = openKit(bench);
  using systems = await openSystems(bench, kit);
  using substitutes = await openSubstitutes(bench);
  output.ready();
  using time = new Budget(options.budget);
  const limited = { ...options, budget: time.signal };
  return await evaluate(bench, { systems, substitutes }, limited, output);
}

/** Throws if something that hours of attacks make could not be written. */
async function assertPlaces(
  { cache, saveAdversarial, robustbench }: EvaluateOptions,
): Promise<void> {
  if (saveAdversarial !== undefined) await assertMayWrite(saveAdversarial);
  if (robustbench !== undefined) await assertMayWriteFile(robustbench);
  if (cache === NO_CACHE) return;
  await assertMayWrite(cache).catch((error) => {
    throw withDetail(error, "; or use --cache off");
  });
}

/**
 * Applies `--examples`, `--attacks`, `--systems` and `--evaluation.*` to a preset.
 *
 * @param given All dotted options
 * @param left Those that the preset has not yet. Default: all
 */
function adjust(
  preset: Preset,
  plugin: Plugin,
  options: EvaluateOptions,
  given: readonly Override[],
  left: readonly Override[] = given,
): Preset {
  const overrides = [...settingOverride("evaluation.examples", options.examples), ...left];
  const adjusted = applyOverrides(withNamedSystems(preset, options.systems), overrides, plugin);
  const evaluation = chooseFrom(adjusted.evaluation, options, adjusted.name);
  return { ...adjusted, evaluation: withSuiteMarked(evaluation, options.attacks, given) };
}
