/**
 * What a preset says of a model file, held against the file and against what the task knows.
 *
 * @module
 */
import { type AdapterSettings, didYouMean, type ImportedModel } from "@realign/core";
import type { OnnxModel } from "./model.ts";

/**
 * Takes a model that a program read as one that {@linkcode prepareOnnx} takes.
 *
 * @param model What a task was given
 * @throws {TypeError} If it is of another kind
 *
 * @example Usage
 * ```ts
 * import { asOnnxModel } from "@realign/interop";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => asOnnxModel({ origin: "net.pt", digest: "" }), /Cannot use net.pt as a target/);
 * ```
 */
export function asOnnxModel(model: ImportedModel): OnnxModel {
  if ("nodes" in model && "constants" in model) return model as OnnxModel;
  throw new TypeError(`Cannot use ${model.origin} as a target as it is no graph of ONNX operators`);
}

/** What a task knows of model files. */
export interface KnownAdapter {
  /** What values of a file can be to the task. */
  readonly outputs: readonly string[];
  /** Names of its options. Default: none */
  readonly options?: readonly string[];
}

/**
 * Fails where an adapter names what the task does not know.
 *
 * @param adapter Of a preset's target
 * @param known What the task knows
 * @param origin The model, named in errors
 * @throws {RangeError} That names the setting, and what is near it
 *
 * @example Usage
 * ```ts
 * import { assertAdapter } from "@realign/interop";
 * import assert from "node:assert/strict";
 *
 * const known = { outputs: ["logits", "features"] };
 * assertAdapter({ outputs: { logits: "scores" } }, known, "m.onnx");
 * assert.throws(() => assertAdapter({ outputs: { logit: "scores" } }, known, "m.onnx"), /did you mean "logits"/);
 * ```
 */
export function assertAdapter(
  { outputs = {}, options = {} }: AdapterSettings,
  known: KnownAdapter,
  origin: string,
): void {
  const groups = { outputs: [outputs, known.outputs], options: [options, known.options] } as const;
  for (const [group, [given, names = []]] of Object.entries(groups)) {
    const other = Object.keys(given).find((name) => !names.includes(name));
    if (other === undefined) continue;
    throw new RangeError(
      `Cannot read ${origin} by adapter.${group}.${other}: ${
        names.length > 0 ? didYouMean(other, names) : `its task has no such ${group}`
      }`,
    );
  }
}

/**
 * Where the classes of a dataset stand among those of a model.
 *
 * @param wanted Names of the dataset's classes
 * @param names Of all the model's classes, in its order
 * @param origin The model, named in errors
 * @returns For each wanted class, its place in the model
 * @throws {RangeError} If classes are missing, or the model has two of a name
 *
 * @example Usage
 * ```ts
 * import { placesOfClasses } from "@realign/interop";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(placesOfClasses(["dog", "cat"], ["cat", "cow", "dog"], "m.onnx"), [2, 0]);
 * ```
 */
export function placesOfClasses(
  wanted: readonly string[],
  names: readonly string[],
  origin: string,
): number[] {
  const fail = (reason: string): never => {
    throw new RangeError(`Cannot use ${origin} for these classes as ${reason}`);
  };
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const list = missing.slice(0, 5).map((name) => `"${name}"`).join(", ");
    const rest = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
    fail(
      `adapter.classNames has no ${list}${rest}: ${didYouMean(missing[0], names)}`,
    );
  }
  const twice = wanted.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) fail(`adapter.classNames has "${twice}" twice: tell them apart`);
  return wanted.map((name) => names.indexOf(name));
}
