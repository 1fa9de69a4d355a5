/**
 * Target models: created from a preset, loaded from a file, named by their digest.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  assertTarget,
  assertTask,
  isModelFile,
  loadWeights,
  type Plugin,
  type Preset,
  type Random,
} from "@realign/core";
import { readWhole, sha256 } from "../system/safe_file.ts";
import { modelOf, type Models } from "./model_files.ts";

/** SHA-256 of a network's weights, and of its graph if that is a file's: the key of everything made for them. */
export async function digestOf(
  { parameters, normalization, source }: Pick<
    AnyTarget,
    "parameters" | "normalization" | "source"
  >,
): Promise<string> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const [name, { shape, data }] of await parameters.export()) {
    parts.push(encoder.encode(`${name}[${shape}]`));
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // Results depend on the normalisation as on the weights.
  if (normalization) parts.push(encoder.encode(JSON.stringify(normalization)));
  if (source !== undefined) parts.push(encoder.encode(source));
  return sha256(...parts);
}

/**
 * What makes the tasks of a plugin.
 *
 * @param plugin The plugin
 * @param classNames Of the data
 * @param models Of the presets whose O is a file
 * @returns From a preset to its task
 */
export function tasksOf(
  plugin: Plugin,
  classNames: readonly string[],
  models: Models,
): (preset: Preset) => AnyTask {
  return (preset) => {
    const task: unknown = plugin.createTask(preset, classNames, modelOf(preset, models));
    assertTask(task, plugin.name);
    return task;
  };
}

/**
 * Creates a preset's target model.
 *
 * @param preset Its architecture and normalisation
 * @param task Creates it
 * @param random Source of its weights
 * @returns It; dispose it
 * @throws {Error} If the task ignores the preset's normalisation, or its model file
 */
export function createModel(preset: Preset, task: AnyTask, random: Random): AnyTarget {
  const target: unknown = task.createTarget(preset.target.architecture, random);
  assertTarget(target, task.name);
  try {
    assertNormalized(target, preset);
    assertSource(target, preset);
    return target;
  } catch (error) {
    target[Symbol.dispose]();
    throw error;
  }
}

/** Throws if a preset sets a normalisation and the plugin ignores it. */
function assertNormalized({ name, normalization }: AnyTarget, { target, task }: Preset): void {
  if (target.normalization === undefined || normalization !== undefined) return;
  throw new Error(
    `Cannot set the normalization of ${name} as the plugin of the task ${task} does not pass it on`,
  );
}

/** Throws if a preset's O is a file and nothing says so: results of two files would be taken for each other's. */
function assertSource({ source }: AnyTarget, { target: { architecture }, task }: Preset): void {
  if (!isModelFile(architecture) || source !== undefined) return;
  throw new Error(
    `Cannot use ${architecture} as a target as the plugin of the task ${task} does not say its source`,
  );
}

/** Loads weights from a file. A model file's own stay where it has others alone: names that a graph made up. */
export async function loadFile(target: AnyTarget, path: string): Promise<void> {
  const kept = target.source === undefined ? undefined : await target.parameters.export();
  loadWeights(target, await readWhole(path, "the target's weights"), path, { kept });
}
