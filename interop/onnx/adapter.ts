/**
 * What a preset says of a model file, held against the file and against what the task knows.
 *
 * @module
 */
import { didYouMean, type ImportedModel, type Preset } from "@realign/core";
import type { OnnxModel } from "./model.ts";
import type { OnnxTargetOptions } from "./target.ts";

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

/** What a value of an option can be: any text or number, yes or no, or one of these words. */
export type AdapterOption = "text" | "number" | "flag" | readonly string[];

/** What a task knows of model files. */
export interface KnownAdapter {
  /** What values of a file can be to the task. */
  readonly outputs: readonly string[];
  /** Its options. Default: none */
  readonly options?: Readonly<Record<string, AdapterOption>>;
}

/** What a target of a preset is made by, besides the model. */
export type AdaptedOptions =
  & Pick<
    OnnxTargetOptions,
    "size" | "normalization" | "layout" | "channels" | "classNames" | "classes"
  >
  & Readonly<Record<string, unknown>>;

/**
 * What a preset says of its target, as options of a function that makes targets of models, such as
 * `createOnnxClassifier`.
 *
 * @param target The preset's: size, normalization, adapter
 * @param known What the task knows
 * @param classes Names of the data's classes
 * @param origin The model, named in errors
 * @returns The options, outputs and the task's own ones beside the others
 * @throws {RangeError} That names the setting that the task does not know, and what is near it, or an option that it
 * cannot take
 *
 * @example Usage
 * ```ts
 * import { adaptedOptions } from "@realign/interop";
 * import assert from "node:assert/strict";
 *
 * const known = { outputs: ["logits", "features"], options: { alignment: ["edges", "centres"] } };
 * const adapt = (adapter: object) => adaptedOptions({ size: [8, 8], adapter }, known, ["cat", "dog"], "m.onnx");
 * assert.equal(adapt({ outputs: { logits: "scores" } }).logits, "scores");
 * assert.throws(() => adapt({ outputs: { logit: "scores" } }), /did you mean "logits"/);
 * assert.throws(() => adapt({ options: { alignment: "middle" } }), /must be one of edges, centres: current value is "middle"/);
 * ```
 */
export function adaptedOptions(
  { size, normalization, adapter = {} }: Pick<
    Preset["target"],
    "size" | "normalization" | "adapter"
  >,
  { outputs: roles, options: own = {} }: KnownAdapter,
  classes: readonly string[],
  origin: string,
): AdaptedOptions {
  const { outputs = {}, options = {}, layout, channels, classNames } = adapter;
  assertNames("outputs", outputs, roles, origin);
  assertNames("options", options, Object.keys(own), origin);
  const values = Object.entries(options).map(([name, value]) =>
    [
      name,
      optionValue(`Cannot read ${origin} as adapter.options.${name}`, value, own[name]),
    ] as const
  );
  const shared = { size, normalization, layout, channels, classNames, classes };
  return { ...shared, ...outputs, ...Object.fromEntries(values) };
}

/** Fails where a group of an adapter has a name that the task does not know. */
function assertNames(
  group: string,
  given: object,
  names: readonly string[],
  origin: string,
): void {
  const other = Object.keys(given).find((name) => !names.includes(name));
  if (other === undefined) return;
  throw new RangeError(
    `Cannot read ${origin} by adapter.${group}.${other}: ${
      names.length > 0 ? didYouMean(other, names) : `its task has no such ${group}`
    }`,
  );
}

function optionValue(
  failure: string,
  value: string | number | boolean,
  kind: AdapterOption,
): string | number | boolean {
  const fail = (what: string): never => {
    throw new RangeError(`${failure} must be ${what}: current value is ${JSON.stringify(value)}`);
  };
  if (kind === "number") return typeof value === "number" ? value : fail("a number");
  if (kind === "flag") return typeof value === "boolean" ? value : fail("true or false");
  if (kind === "text") return typeof value === "boolean" ? fail("a text") : String(value);
  return kind.includes(String(value)) ? value : fail(`one of ${kind.join(", ")}`);
}
