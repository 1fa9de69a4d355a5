/**
 * `realign train`, `train-target` and `attack`: a run up to one of its stages.
 *
 * @module
 */
import type { Share } from "@realign/core/shares";
import type { Command } from "commander";
import { Interrupted, UsageError, withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import { hasPreset } from "../presets/choose_preset.ts";
import { shareAttack } from "./attack_share.ts";
import { createRun, type OpenRun, resumeRun } from "./open_run.ts";
import {
  beginOutput,
  type Context,
  type Overridden,
  settingOverride,
  type TargetOptions,
  targetOverrides,
  wholeNumber,
  withSubstitute,
  withTarget,
  withWork,
  type WorkOptions,
  workWords,
} from "./options.ts";
import type { Output } from "../terminal/output.ts";
import type { Override } from "../presets/overrides.ts";
import { activeWorkers } from "@realign/core/workers";
import { withWorkers } from "../stages/workers.ts";
import { assertNotTrained } from "../presets/frozen_targets.ts";
import { assertCacheable, makeAttackCache } from "../stages/attack_cache.ts";
import { trainGenerator } from "../stages/generator.ts";
import { trainSubstitutes } from "../stages/substitutes.ts";
import { prepareTarget } from "../stages/target.ts";
import type { SubstituteOptions } from "./named_target.ts";
import { inCluster, withWorkerOptions, type WorkerOptions } from "./worker_options.ts";
import { withWorker } from "./shares.ts";

/** Options of commands that start runs. */
export interface TrainOptions extends WorkOptions, TargetOptions, SubstituteOptions, WorkerOptions {
  readonly steps?: number;
  readonly targetSteps?: number;
  readonly attackCache?: string;
  readonly resume?: string;
  readonly from?: string;
  readonly recipe?: string;
  readonly precision?: string;
}

/** Adds the options of a new run. */
export function withNewRun(command: Command): Command {
  return withTarget(withWork(command))
    .option(
      "--steps <n>",
      "number of training steps, instead of the preset's epochs",
      wholeNumber(1),
    )
    .option(
      "--precision <name>",
      "what is multiplied in while training and attacking: float32 or bfloat16; see realign doctor",
    );
}

/** Adds the options of a new run that also trains a generator. */
export function withTraining(command: Command): Command {
  return withNewRun(command)
    .option(
      "--target-steps <n>",
      "number of training steps of the target, and of a substitute",
      wholeNumber(1),
    )
    .option(
      "--attack-cache <n>",
      'passes over the training set whose adversarial images are cached; "off" generates them in every step',
    )
    .option("--recipe <name>", "a rival to train in place of G; see realign recipes");
}

/** Adds the commands. */
export function addTrain(program: Command, context: Context): void {
  withWorkerOptions(withSubstitute(withTraining(program.command("train"))))
    .description(
      "train a generator, after any missing stage (target, adversarial images), and substitutes",
    )
    .argument("[preset]", "preset to train; see realign presets")
    .option("--resume <run>", "resume a stopped run")
    .option(
      "--from <run>",
      "a run whose G this training starts from; its O is taken too, unless one is given",
    )
    .addHelpText(
      "after",
      `
Examples:
  realign train cls-shapes
  realign train cls-cifar10-small --data DIR --losses.setting=L_I+F
  realign train cls-cifar10 --data DIR --architecture resnet20 --target-weights FILE
  realign train cls-folder --data DIR --target resnet18.onnx --adapter resnet18.json
  realign train cls-cifar10-small --data DIR --substitute-architecture resnet20
  realign train cls-shapes-robust
  realign train cls-shapes --recipe ape-gan
  realign train cls-shapes --precision bfloat16
  realign train cls-shapes --from latest --train.adversary=system --train.attackCache=0
  realign train --resume latest`,
    )
    .action(async (preset: string | undefined, options: TrainOptions) => {
      const output = beginOutput(options, context);
      options = inCluster(options);
      using run = await beginRun(preset, options, context, output, "train");
      await runStages(run, options, output, "train");
      tellResult(run, output, `next: realign evaluate ${run.store.handle}`);
    });

  withWorkerOptions(withNewRun(program.command("train-target")))
    .description("train the target network alone, on clean images or adversarially")
    .argument("<preset or run>", "preset or run whose target to train; see realign presets")
    .addHelpText(
      "after",
      `
Examples:
  realign train-target cls-shapes
  realign train-target cls-cifar10-small --data DIR --target.train.epochs=20
  realign train-target cls-cifar10-small --data DIR --target.train.adversarial=trades
  realign train-target cls-shapes --target.train.from=RUN --target.train.adversarial=free`,
    )
    .action(async (name: string, options: TrainOptions) => {
      const output = beginOutput(options, context);
      options = inCluster(options);
      using run = await beginOrResume(name, options, context, output, "train-target");
      await runStages(run, options, output, "train-target");
      tellResult(run, output, `next: realign train --resume ${run.store.handle}`);
    });

  withWorker(
    withNewRun(program.command("attack")),
    "of a run with a trained target: only this worker's share of the images, in parts of up to 64 batches",
  )
    .description("generate and cache the adversarial images that a generator is trained on")
    .argument("<preset or run>", "a preset, or a run with a trained target")
    .addHelpText(
      "after",
      `
Examples:
  realign attack cls-shapes --attack.steps=8
  realign attack latest
  realign attack latest --worker 1/4`,
    )
    .action(async (name: string, options: TrainOptions & { readonly worker?: Share }) => {
      const output = beginOutput(options, context);
      const { worker } = options;
      if (worker) return await shareAttack(name, options, worker, toldTo(options, context), output);
      using run = await beginOrResume(name, options, context, output, "train");
      await runStages(run, options, output, "attack");
      tellResult(run, output, `next: realign train --resume ${run.store.handle}`);
    });
}

/** Starts a run of a preset, or resumes the one of this name. */
async function beginOrResume(
  name: string,
  options: TrainOptions,
  context: Context,
  output: Output,
  stage: "train" | "train-target",
): Promise<OpenRun> {
  return await hasPreset(name, options.plugin)
    ? await beginRun(name, options, context, output, stage)
    : await beginRun(undefined, { ...options, resume: name }, context, output, stage);
}

/** The settings that options of a new run stand for. */
function settingsOf(options: TrainOptions): Override[] {
  const { attackCache, recipe, precision } = options;
  return [
    ...targetOverrides(options),
    ...settingOverride("train.attackCache", attackCache === "off" ? 0 : attackCache),
    ...settingOverride("recipe.name", recipe),
    ...settingOverride("precision", precision),
  ];
}

/** All that options and dotted options tell of a new run: one that is resumed takes none of it. */
function toldTo<C extends Overridden>(options: TrainOptions, context: C): C {
  const { from, target, adapter, architecture, steps, targetSteps } = options;
  const { substitute, substituteArchitecture, substituteAdapter } = options;
  const overrides = [
    ...settingsOf(options),
    ...settingOverride("from", from),
    ...settingOverride("target", target ?? adapter ?? architecture),
    ...settingOverride("steps", steps ?? targetSteps),
    ...settingOverride(
      "evaluation.substitutes",
      substitute ?? substituteArchitecture ?? substituteAdapter,
    ),
    ...context.overrides,
  ];
  return { ...context, overrides };
}

/** Starts a run, or resumes the one that `--resume` names. */
export async function beginRun(
  preset: string | undefined,
  options: TrainOptions,
  context: Overridden,
  output: Output,
  stage: "train" | "train-target",
): Promise<OpenRun> {
  const { resume, steps, targetSteps } = options;
  if (resume !== undefined) {
    if (preset !== undefined) {
      throw new UsageError(
        `Cannot both start ${preset} and resume ${resume}: give one of them`,
      );
    }
    const run = await resumeRun(resume, options, toldTo(options, context), output);
    try {
      assertNotTrained(run.bench.preset, stage);
      return run;
    } catch (error) {
      run[Symbol.dispose]();
      throw error;
    }
  }
  if (preset === undefined) {
    throw new UsageError(
      "Cannot train as no preset was given: see realign presets, or use --resume RUN",
    );
  }
  const limits = {
    ...(steps !== undefined && { [stage]: steps }),
    ...(targetSteps !== undefined && { "train-target": targetSteps }),
  };
  return await createRun(preset, options, context, output, {
    last: stage,
    overrides: settingsOf(options),
    steps: limits,
    from: options.from,
  });
}

/** Runs missing stages up to a given one. A new run that fails before its first checkpoint is deleted. */
export async function runStages(
  run: OpenRun,
  options: WorkOptions,
  output: Output,
  last: "train-target" | "attack" | "train",
): Promise<void> {
  const line = () =>
    shellLine([
      ...["realign", ...(last === "train" ? ["train", "--resume"] : [last]), run.store.word],
      ...workWords(options),
    ]);
  try {
    await withContinuation(
      line,
      () => withWorkers(() => runMissing(run, options, output, last)),
    );
  } catch (error) {
    if (!(error instanceof Interrupted)) await run.store.discardUnbegun();
    throw error;
  }
}

async function runMissing(
  { bench, store }: OpenRun,
  options: WorkOptions,
  output: Output,
  last: "train-target" | "attack" | "train",
): Promise<void> {
  if (last === "attack") assertCacheable(bench.preset, options.cache);
  bench.checkBatches(last === "train" ? last : "train-target", store.record.steps);
  output.ready();
  await prepareTarget(bench, store, output);
  if (last !== "train-target" && activeWorkers().count === 1) await output.interruption.check();
  if (last === "attack") {
    await makeAttackCache(bench, options.cache, output, store.record.steps.train);
  }
  if (last === "train") {
    await trainGenerator(bench, store, options.cache, output);
    await trainSubstitutes(bench, store, output);
  }
  await store.update({ warnings: [...new Set([...store.record.warnings, ...output.warnings])] });
}

function tellResult({ store }: OpenRun, output: Output, next: string): void {
  if (activeWorkers().index > 0) return; // its folder does not last
  output.result(
    {
      run: store.id,
      folder: store.folder,
      stages: store.record.stages,
      warnings: store.record.warnings,
    },
    `${store.id} is done; ${next}`,
  );
}
