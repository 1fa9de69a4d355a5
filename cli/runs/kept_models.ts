/**
 * A run's own copies of model files: `models/DIGEST/`, each with what lies beside it.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { ModelOnDisk } from "../system/read_onnx_file.ts";
import { isThere, makeFolder, readWhole, writeSafely } from "../system/safe_file.ts";

/** As much of a digest as tells a run's models apart. */
const LENGTH = 16;

/**
 * Where a run keeps a model.
 *
 * @param run The run's folder
 * @param digest Of the model
 * @param name Of its file
 */
export function keptModel(run: string, digest: string, name: string): string {
  return join(run, "models", digest.slice(0, LENGTH), name);
}

/**
 * Copies models into a run's folder, so that the files may be changed or moved later. The graph comes last: where it
 * is, all is.
 *
 * @param run The run's folder
 * @param models What its targets are made from
 */
export async function keepModels(run: string, models: Iterable<ModelOnDisk>): Promise<void> {
  for (const { model: { digest, origin }, path, beside } of models) {
    const place = keptModel(run, digest, origin);
    if (await isThere(place)) continue;
    for (const location of beside) {
      await copy(join(dirname(path), location), join(dirname(place), location));
    }
    await copy(path, place);
  }
}

async function copy(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await writeSafely(to, await readWhole(from, "the model"));
}
