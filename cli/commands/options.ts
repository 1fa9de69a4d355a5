/**
 * Options that several commands share.
 *
 * @module
 */
import type { BackendName, ClusterOptions } from "@realign/core/backend";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Override } from "../presets/overrides.ts";
import type { Interruption } from "../system/interruption.ts";
import { Output } from "../terminal/output.ts";
import { isModelFile, withDetail } from "@realign/core";
import { isReadOnly, UsageError } from "../system/failure.ts";

/** Settings from dotted options. */
export interface Overridden {
  readonly overrides: readonly Override[];
}

/** What every command is told besides its own options. */
export interface Context extends Overridden {
  /** The words of the command, the program's name included. */
  readonly words: readonly string[];
  readonly interruption: Interruption;
}

/** What a command that works for long says, and the signals that it hears. */
export function beginOutput(
  { json = false, maxHours }: OutputOptions & Pick<WorkOptions, "maxHours">,
  { interruption }: Context,
): Output {
  if (maxHours !== undefined) {
    interruption.endAfter(
      maxHours,
      `the ${maxHours} h of --max-hours are over: saving what was made`,
    );
  }
  return new Output(json, interruption.listen());
}

/** The words of options that a run does not keep, for a command that goes on with it. */
export function workWords(options: WorkOptions): string[] {
  const { backend, device, threads, data, cache, plugin, json, maxHours } = options;
  const given: [string, unknown, unknown?][] = [
    ["--backend", backend, "auto"],
    ["--device", device, "auto"],
    ["--threads", threads, 0],
    ["--data", data],
    ["--cache", cache, ".cache"],
    ["--plugin", plugin],
    ["--max-hours", maxHours],
  ];
  return [
    ...given.filter(([, value, usual]) => value !== usual && value !== undefined)
      .flatMap(([name, value]) => [name, String(value)]),
    ...(json ? ["--json"] : []),
  ];
}

/** Options of commands that print a result. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** Options of commands that read runs. */
export interface RunsOptions extends OutputOptions {
  readonly runs: string;
}

/** Options of commands that compute. */
export interface BackendOptions extends OutputOptions {
  readonly backend: BackendName;
  readonly device: string;
  readonly threads: number;
  /** The workers of a training; absent for this process alone. */
  readonly cluster?: ClusterOptions;
}

/** Options of commands that train or evaluate. */
export interface WorkOptions extends BackendOptions, RunsOptions {
  readonly data?: string;
  readonly cache: string;
  readonly plugin?: string;
  readonly seed?: number;
  /** Hours after which the work ends, to be gone on with. */
  readonly maxHours?: number;
}

const BACKENDS: readonly BackendName[] = ["auto", "tensorflow", "wasm", "webgpu", "cpu"];

/** More threads do not help, and many thousands hang TensorFlow. */
const MOST_THREADS = Math.max(64, 4 * navigator.hardwareConcurrency);

/** Reads an option as an integer within bounds. */
export function wholeNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const fits = Number.isSafeInteger(value) && value >= least && value <= most;
    if (fits && text.trim() !== "") return value;
    const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be an integer ${range}.`);
  };
}

/** Reads an option as a number of examples; "all" is 0. */
export function exampleCount(text: string): number {
  if (text === "all") return 0;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be an integer of at least 1, or "all".');
}

/** Reads an option as height and width. */
export function sizeOf(text: string): readonly [number, number] {
  const sides = /^(\d{1,5})x(\d{1,5})$/.exec(text)?.slice(1).map(Number) ?? [];
  if (sides.length === 2 && sides.every((side) => side > 0)) return [sides[0], sides[1]];
  throw new InvalidArgumentError("It must be height and width, as 224x224.");
}

/** Reads an option as a folder's name. */
export function folder(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("It must be a folder.");
}

/** Where a command writes, instead of the run's folder. */
export interface OutOption {
  readonly out?: string;
}

/** Adds a hint at `--out` to errors that it avoids. */
export function adviseOut(error: unknown): unknown {
  return isReadOnly(error) ? withDetail(error, "; or write elsewhere with --out DIR") : error;
}

/** Reads an option as one folder; the option must not be repeated. */
function oneFolder(text: string, previous: string | undefined): string {
  if (previous === undefined) return folder(text);
  throw new InvalidArgumentError(`It is set twice, first to ${previous}: set it once.`);
}

/** Which target network is defended, and which images it takes. */
export interface TargetOptions {
  readonly target?: string;
  readonly adapter?: string;
  readonly architecture?: string;
  readonly targetWeights?: string;
  readonly size?: string;
  readonly mean?: string;
  readonly std?: string;
}

/** Adds the options of a target network. */
export function withTarget(
  command: Command,
  meaning = "the target: a run's, a model file (.onnx), or a safetensors file of --architecture",
): Command {
  return command
    .option("--target <run or file>", meaning)
    .option(
      "--adapter <file>",
      "how a model file is a target: an adapter file, as realign inspect --save-adapter writes it",
    )
    .option("--architecture <name>", "the target's architecture, or a model file")
    .option("--target-weights <file>", "safetensors file with the target's weights")
    .option("--size <HxW>", "height and width of all images: the dataset's, the target's and G's")
    .option("--mean <r,g,b>", "mean of the target's training images, per RGB channel in [0, 1]")
    .option("--std <r,g,b>", "their standard deviation");
}

/** The settings that options of a target stand for. Throws UsageError if one of `--mean` and `--std` is missing. */
export function targetOverrides(
  { target, architecture, targetWeights, size, mean, std }: TargetOptions,
): Override[] {
  // A target that is named comes with its architecture: see withNamedTarget.
  const isNamed = target !== undefined || isModelFile(architecture ?? "");
  if ((mean === undefined) !== (std === undefined)) {
    throw new UsageError(
      `Cannot normalise with ${
        mean === undefined ? "--std" : "--mean"
      } alone: set both --mean and --std`,
    );
  }
  return [
    ...settingOverride("target.architecture", isNamed ? undefined : architecture),
    ...settingOverride("target.weights", targetWeights),
    ...["dataset", "target", "generator"].flatMap((owner) =>
      settingOverride(`${owner}.size`, size)
    ),
    ...settingOverride("target.normalization.mean", mean),
    ...settingOverride("target.normalization.deviation", std),
  ];
}

/** Adds `--substitute`, `--substitute-architecture` and `--substitute-adapter`. */
export function withSubstitute(command: Command): Command {
  return command
    .option(
      "--substitute <run or file>",
      'a run whose target, or model file or safetensors file whose network, attacks are made on in place of O; "none" for no such attacks',
    )
    .option(
      "--substitute-architecture <name>",
      "the substitute's architecture, if its file does not say it",
    )
    .option(
      "--substitute-adapter <file>",
      "how a model file is the substitute: an adapter file, as for --adapter",
    );
}

/** Adds `--json`. */
export function withOutput(command: Command): Command {
  return command.option(
    "--json",
    "print the result as one JSON document, everything else to standard error",
  );
}

/** Adds `--runs` and `--json`. */
export function withRuns(command: Command): Command {
  return withOutput(withRunsFolder(command));
}

/** Adds `--runs`. */
export function withRunsFolder(command: Command): Command {
  return command.option("--runs <dir>", "folder of all runs", folder, "runs");
}

/** Adds the choice of a backend, and `--json`. */
export function withBackend(command: Command): Command {
  return withOutput(command)
    .addOption(
      new Option("--backend <name>", "compute backend").choices(BACKENDS).default("auto"),
    )
    .option("--device <name>", 'tensorflow: "cpu", "gpu:0" or "auto"', "auto")
    .option(
      "--threads <n>",
      "CPU threads; 0 for one per core",
      wholeNumber(0, MOST_THREADS),
      0,
    );
}

/** Adds `--data`. */
export function withData(command: Command): Command {
  return command.option("--data <dir>", "folder of the dataset's files", oneFolder);
}

/** Adds `--plugin`. */
export function withPlugin(command: Command): Command {
  return command.option(
    "--plugin <specifier>",
    "plugin of another task: jsr:@acme/x, npm:x or ./x.ts",
  );
}

/** Adds the options shared by training and evaluation. */
export function withWork(command: Command): Command {
  const cached = withData(withRunsFolder(withBackend(command)))
    .option(
      "--cache <dir>",
      'folder where adversarial images are cached between runs; "off" neither reads nor writes a cache',
      folder,
      ".cache",
    );
  return withPlugin(cached)
    .option("--seed <n>", "random seed", wholeNumber(0))
    .option(
      "--max-hours <h>",
      "end after this time, e.g. 23.5, with all that was made saved, and exit with 75: the command that is printed goes on",
      hours,
    );
}

/** Timers hold no longer times. */
const MOST_HOURS = 596;

/** Reads an option as hours. */
function hours(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= MOST_HOURS) return value;
  throw new InvalidArgumentError(`It must be a number above 0, at most ${MOST_HOURS}.`);
}

/** An option as an override of a preset's setting. */
export function settingOverride(path: string, value: unknown): Override[] {
  return value === undefined ? [] : [{ path: path.split("."), text: String(value) }];
}

/**
 * Fails if dotted options were given to a command that does not use them.
 *
 * @throws {UsageError} That names the first one
 */
export function refuseOverrides({ overrides }: Overridden, reason: string): void {
  if (overrides.length === 0) return;
  throw new UsageError(`Cannot set ${overrides[0].path.join(".")} as ${reason}`);
}
