/**
 * Target models that the command line names: a run's O, or a file of weights.
 *
 * @module
 */
import { type OtherTarget, parseSafetensors, type Preset } from "@realign/core";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { substituteName, withSubstitutes } from "../presets/with_substitute.ts";
import { RunStore } from "../runs/run_store.ts";
import { UsageError } from "../system/failure.ts";
import { readWhole } from "../system/safe_file.ts";

/** What a name on the command line stands for. */
export type NamedTarget = OtherTarget & { readonly architecture: string };

/** What is needed to find it. */
export interface Naming {
  /** What it is to be, in messages: "the substitute". */
  readonly role: string;
  /** The option that names a file's architecture: "--substitute-architecture". */
  readonly option: string;
  /** What that option says. */
  readonly architecture: string | undefined;
  /** The folder of all runs. */
  readonly runs: string;
  /** The preset that it is used with: of the same task, and of the same data if it is a run. */
  readonly preset: Preset;
  readonly warn: (message: string) => void;
}

/** The ending of a file of weights. */
const FILE = /\.safetensors$/i;

/**
 * Finds a target model by its run or file. A run is self-describing; a file may say its architecture in
 * its metadata, as those in a run's checkpoints do.
 *
 * @param word A run, or a safetensors file
 * @param naming What it is for
 * @returns Architecture, size, normalisation and the file of its weights
 * @throws {UsageError} If there is no such run or file, or its architecture is not known
 * @throws {Error} If the run has another task, or no trained O
 */
export async function findTarget(word: string, naming: Naming): Promise<NamedTarget> {
  return await isFile(word) ? await ofFile(word, naming) : await ofRun(word, naming);
}

/** Whether a word names a file rather than a run. */
async function isFile(word: string): Promise<boolean> {
  return await Deno.stat(word).then((info) => !info.isDirectory, () => FILE.test(word));
}

async function ofFile(path: string, { role, option, architecture }: Naming): Promise<NamedTarget> {
  const weights = resolve(path);
  const { metadata } = parseSafetensors(await readWhole(path, `${role}'s weights`), path);
  const known = architecture ?? metadata.architecture;
  if (known !== undefined) return { architecture: known, weights };
  throw new UsageError(
    `Cannot use ${path} as ${role} as the file does not say its architecture: set it with ${option} NAME`,
  );
}

async function ofRun(word: string, naming: Naming): Promise<NamedTarget> {
  const { role, option, architecture, runs, preset, warn } = naming;
  using store = await RunStore.read(runs, word, warn).catch((error) => {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}; or name a safetensors file`, { cause: error });
  });
  if (architecture !== undefined) {
    throw new UsageError(`Cannot use ${option} with a run as ${store.id} says its own`);
  }
  const { task, dataset, target } = store.record.preset;
  if (task !== preset.task) {
    throw new UsageError(
      `Cannot use ${store.id} as ${role} as its task must be ${preset.task}: it is ${task}`,
    );
  }
  const classes = ({ name, classes, options }: Preset["dataset"]) => ({ name, classes, options });
  if (!isDeepStrictEqual(classes(dataset), classes(preset.dataset))) {
    warn(
      `${role} was trained on ${dataset.name}, perhaps with other classes than those of ${preset.dataset.name}`,
    );
  }
  const final = await store.checkpoints.final("train-target");
  if (!final) {
    throw new Error(
      `Cannot use ${store.id} as ${role} as its O is not trained yet: run realign train-target ${store.handle}`,
    );
  }
  const { normalization, size } = target;
  return {
    architecture: target.architecture,
    size,
    weights: resolve(final.path),
    ...(normalization && { normalization }),
  };
}

/**
 * A preset whose training of O starts from a file of weights: those of the run that it names, or its own.
 *
 * @param preset With `target.train.from`, a run or a file, or without
 * @param naming The folder of runs, and where warnings go
 * @returns The preset with the absolute path of a file
 * @throws {UsageError} If the run's O is another network
 */
export async function withNamedStart(
  preset: Preset,
  { runs, warn }: Pick<Naming, "runs" | "warn">,
): Promise<Preset> {
  const { target, target: { train } } = preset;
  const { from = "" } = train;
  if (from === "") return preset;
  if (await isFile(from)) {
    return { ...preset, target: { ...target, train: { ...train, from: resolve(from) } } };
  }
  const role = "what O's training starts from";
  const option = "--architecture";
  const naming = { role, option, architecture: undefined, runs, preset, warn };
  const { weights, ...found } = await ofRun(from, naming);
  for (const key of ["architecture", "size", "normalization"] as const) {
    if (isDeepStrictEqual(found[key], target[key])) continue;
    throw new UsageError(
      `Cannot start O's training from ${from} as its target.${key} must be ${
        JSON.stringify(target[key])
      }: it is ${JSON.stringify(found[key])}`,
    );
  }
  return { ...preset, target: { ...target, train: { ...train, from: weights } } };
}

/** What `--substitute` says where none is to be trained or attacked. */
export const NO_SUBSTITUTE = "none";

/** The options that name a substitute. */
export interface SubstituteOptions {
  readonly substitute?: string;
  readonly substituteArchitecture?: string;
}

/**
 * A preset with the substitute that the command line names in place of its own.
 *
 * @param preset The preset
 * @param options A run or file, an architecture, or both; an architecture alone is trained; "none" for none
 * @param naming The folder of runs, and where warnings go
 * @returns The preset as it is if no substitute is named
 */
export async function withNamedSubstitute(
  preset: Preset,
  { substitute, substituteArchitecture: architecture }: SubstituteOptions,
  { runs, warn }: Pick<Naming, "runs" | "warn">,
): Promise<Preset> {
  if (substitute === undefined && architecture === undefined) return preset;
  if (substitute === NO_SUBSTITUTE) {
    return { ...preset, evaluation: withSubstitutes(preset.evaluation, {}) };
  }
  const role = "the substitute";
  const option = "--substitute-architecture";
  const found = substitute === undefined
    ? { architecture: architecture!, weights: "" }
    : await findTarget(substitute, { role, option, architecture, runs, preset, warn });
  const evaluation = withSubstitutes(preset.evaluation, {
    [substituteName(found.architecture)]: found,
  });
  return { ...preset, evaluation };
}
