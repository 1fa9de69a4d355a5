/**
 * Target models: created from a preset, loaded from a file, named by their digest.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  assertTarget,
  loadWeights,
  type Preset,
  type Random,
} from "@realign/core";
import { readWhole, sha256 } from "../system/safe_file.ts";

/** SHA-256 of a network's weights: the key of everything made for these weights. */
export async function digestOf(
  { parameters, normalization }: Pick<AnyTarget, "parameters" | "normalization">,
): Promise<string> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const [name, { shape, data }] of await parameters.export()) {
    parts.push(encoder.encode(`${name}[${shape}]`));
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // Results depend on the normalisation as on the weights.
  if (normalization) parts.push(encoder.encode(JSON.stringify(normalization)));
  return sha256(...parts);
}

/**
 * Creates a preset's target model.
 *
 * @param preset Its architecture and normalisation
 * @param task Creates it
 * @param random Source of its weights
 * @returns It; dispose it
 * @throws {Error} If the task ignores the preset's normalisation
 */
export function createModel(preset: Preset, task: AnyTask, random: Random): AnyTarget {
  const target: unknown = task.createTarget(preset.target.architecture, random);
  assertTarget(target, task.name);
  try {
    assertNormalized(target, preset);
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

/** Loads weights from a file. */
export async function loadFile(target: AnyTarget, path: string): Promise<void> {
  loadWeights(target, await readWhole(path, "the target's weights"), path);
}
