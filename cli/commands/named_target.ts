/**
 * Target models that the command line names: a run's O, or a file of weights.
 *
 * @module
 */
import {
  isModelFile,
  type OtherTarget,
  parseSafetensors,
  type Preset,
  presetOn,
} from "@realign/core";
import { suggestAdapter } from "@realign/interop";
import { basename, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type AdapterFile, readAdapter } from "../presets/adapter_file.ts";
import { substituteName, withSubstitutes } from "../presets/with_substitute.ts";
import type { Override } from "../presets/override.ts";
import { keptModel } from "../runs/kept_models.ts";
import { RunStore } from "../runs/run_store.ts";
import { UsageError } from "../system/failure.ts";
import { readOnnxFile } from "../system/read_onnx_file.ts";
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
  /** What an adapter file says of a model file. */
  readonly adapter?: AdapterFile;
  /** The setting of its size, in messages; absent where it is told. */
  readonly sizeSetting?: string;
}

/** The ending of a file of weights. */
const FILE = /\.safetensors$/i;

/**
 * Finds a target model by its run or file. A run is self-describing; a file may say its architecture in
 * its metadata, as those in a run's checkpoints do.
 *
 * @param word A run, a model file, or a safetensors file
 * @param naming What it is for
 * @returns Architecture, size, normalisation and the file of its weights
 * @throws {UsageError} If there is no such run or file, or its architecture is not known
 * @throws {Error} If the run has another task, or no trained O
 */
export async function findTarget(word: string, naming: Naming): Promise<NamedTarget> {
  const { architecture = "", adapter, option, role } = naming;
  if (isModelFile(word)) {
    if (architecture === "") return await ofModel(word, naming);
    throw new UsageError(`Cannot use ${option} with ${word} as a model file says its own`);
  }
  if (isModelFile(architecture) && await isFile(word)) {
    return { ...await ofModel(architecture, naming), weights: resolve(word) };
  }
  if (adapter) {
    throw new UsageError(`Cannot use an adapter for ${role} as ${word} is no model file`);
  }
  return await isFile(word) ? await ofFile(word, naming) : await ofRun(word, naming);
}

/** A model file, which has its weights; what it says of its images and no adapter says otherwise. */
async function ofModel(
  file: string,
  { role, adapter = {}, sizeSetting }: Naming,
): Promise<NamedTarget> {
  const { model } = await readOnnxFile(file);
  const { size = suggestAdapter(model).size } = adapter;
  if (size === undefined && sizeSetting !== undefined) {
    throw new UsageError(
      `Cannot use ${file} as ${role} as it does not say the size of its images: set it with --${sizeSetting}=HxW, or in an adapter file`,
    );
  }
  return { architecture: resolve(file), weights: "", ...adapter, ...(size && { size }) };
}

/**
 * A preset whose O is the one that the command line names: by `--target`, or a model file by `--architecture`.
 *
 * @param preset The preset
 * @param options What is named, and an adapter file
 * @param naming The folder of runs, where warnings go; the preset with its other settings
 * @param overrides Settings that are made after it
 * @returns The preset as it is if nothing is named
 * @throws {UsageError} If there is no such run or file, or not enough is said of it
 */
export async function withNamedTarget(
  preset: Preset,
  { target, architecture, adapter: path }: TargetNames,
  { runs, warn, preset: seen = preset }: Pick<Naming, "runs" | "warn"> & Partial<Naming>,
  overrides: readonly Override[] = [],
): Promise<Preset> {
  const isModel = isModelFile(architecture ?? "");
  const word = target ?? (isModel ? architecture : undefined);
  if (word === undefined) {
    if (path === undefined) return preset;
    if (!isModelFile(preset.target.architecture)) {
      throw new UsageError("Cannot use --adapter without a model file: name it with --target FILE");
    }
    return { ...preset, target: { ...preset.target, ...await readAdapter(path) } };
  }
  const isSized = overrides.some(({ path }) => path.join(".") === "target.size");
  const naming: Naming = {
    role: "the target",
    option: "--architecture",
    architecture: target === undefined ? undefined : architecture,
    ...{ runs, preset: seen, warn },
    ...(path !== undefined && { adapter: await readAdapter(path) }),
    ...(!isSized && { sizeSetting: "target.size" }),
  };
  return presetOn(preset, await findTarget(word, naming));
}

/** The options that name a target. */
export interface TargetNames {
  readonly target?: string;
  readonly architecture?: string;
  /** An adapter file. */
  readonly adapter?: string;
}

/** Whether a word names a file rather than a run. */
async function isFile(word: string): Promise<boolean> {
  return await Deno.stat(word).then((info) => !info.isDirectory, () => FILE.test(word));
}

async function ofFile(path: string, { role, option, architecture }: Naming): Promise<NamedTarget> {
  const weights = resolve(path);
  const { metadata } = parseSafetensors(await readWhole(path, `${role}'s weights`), path);
  const known = architecture ?? metadata.architecture;
  if (known !== undefined && isModelFile(known)) {
    throw new UsageError(
      `Cannot use ${path} as ${role} as its architecture is the file ${known}: name it with ${option} FILE`,
    );
  }
  if (known !== undefined) return { architecture: known, weights };
  throw new UsageError(
    `Cannot use ${path} as ${role} as the file does not say its architecture: set it with ${option} NAME`,
  );
}

async function ofRun(word: string, naming: Naming): Promise<NamedTarget> {
  const { role, option, architecture, runs, preset, warn } = naming;
  using store = await RunStore.read(runs, word, warn).catch((error) => {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}; or name a safetensors file or a model file`, {
      cause: error,
    });
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
  const { normalization, size, adapter } = target;
  const { digest } = adapter ?? {};
  return {
    architecture: digest === undefined
      ? target.architecture
      : resolve(keptModel(store.folder, digest, target.architecture)),
    ...(adapter && { adapter }),
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
  /** An adapter file. */
  readonly substituteAdapter?: string;
}

/**
 * A preset with the substitute that the command line names in place of its own.
 *
 * @param preset The preset
 * @param options A run or file, an architecture, or both; an architecture alone is trained; "none" for none; an
 * adapter file for a model file
 * @param naming The folder of runs, and where warnings go
 * @returns The preset as it is if no substitute is named
 * @throws {UsageError} If there is no such run or file, or an adapter without a model file
 */
export async function withNamedSubstitute(
  preset: Preset,
  { substitute, substituteArchitecture: architecture, substituteAdapter }: SubstituteOptions,
  { runs, warn }: Pick<Naming, "runs" | "warn">,
): Promise<Preset> {
  const isModel = [substitute, architecture].some((word) => isModelFile(word ?? ""));
  if (substituteAdapter !== undefined && !isModel) {
    throw new UsageError(
      "Cannot use --substitute-adapter without a model file: name it with --substitute FILE",
    );
  }
  if (substitute === undefined && architecture === undefined) return preset;
  if (substitute === NO_SUBSTITUTE) {
    return { ...preset, evaluation: withSubstitutes(preset.evaluation, {}) };
  }
  const role = "the substitute";
  const option = "--substitute-architecture";
  const adapter = substituteAdapter === undefined
    ? undefined
    : await readAdapter(substituteAdapter);
  const naming = { role, option, runs, preset, warn, adapter };
  const found = substitute !== undefined
    ? await findTarget(substitute, { ...naming, architecture })
    : isModelFile(architecture!)
    ? await findTarget(architecture!, { ...naming, architecture: undefined })
    : { architecture: architecture!, weights: "" };
  const evaluation = withSubstitutes(preset.evaluation, {
    [substituteName(basename(found.architecture))]: found,
  });
  return { ...preset, evaluation };
}
