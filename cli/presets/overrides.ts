/**
 * Settings changed from the command line: `--train.batchSize=64`.
 *
 * @module
 */
import {
  type AnyAttackTable,
  didYouMean,
  type Plugin,
  type Preset,
  withLossValues,
} from "@realign/core";
import { z } from "zod";
import { UsageError } from "../system/failure.ts";
import type { AttackSettings } from "@realign/core/attacks";
import { ADVERSARIAL, withAdversarialBundle } from "./adversarial_bundle.ts";
import { assertAttacks, attackNames, attackOptions } from "./attack_options.ts";
import { RENAMED } from "../runs/upgrade.ts";
import { setsRecipe, withChosenRecipe } from "./choose_recipe.ts";
import type { Override } from "./override.ts";
import { listError, parseValue } from "./parse_value.ts";
import { isAttack, keysAt, parsePreset, schemaAt } from "./preset_schema.ts";

export type { Override } from "./override.ts";

/**
 * Takes the dotted options out of a command line.
 *
 * @param args What follows the program's name
 * @returns The overrides in order, and the arguments that are left
 * @throws {UsageError} If an option has no value
 *
 * @example Usage
 * ```ts ignore
 * splitOverrides(["train", "cls-shapes", "--train.batchSize=8"]);
 * // { overrides: [{ path: ["train", "batchSize"], text: "8" }], rest: ["train", "cls-shapes"] }
 * ```
 */
export function splitOverrides(
  args: readonly string[],
): { overrides: Override[]; rest: string[] } {
  const overrides: Override[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const option = /^--([A-Za-z][^.=\s]*(?:\.[^.=]+)+)(?:=([^]*))?$/.exec(args[index]);
    if (!option) {
      rest.push(args[index]);
      continue;
    }
    const text = option[2] ?? args[++index];
    if (text === undefined || (option[2] === undefined && text.startsWith("--"))) {
      throw new UsageError(
        `Cannot set ${option[1]} as it has no value: write --${option[1]}=VALUE`,
      );
    }
    overrides.push({ path: option[1].split("."), text });
  }
  return { overrides, rest };
}

/** Takes an attack out of an evaluation. */
const NONE = "none";

/** The name by which a bundle of the plugin's `lossValues` is taken. */
const VALUES = "losses.values";

/**
 * Replaces settings of a preset.
 *
 * @param preset The preset; it stays as it is
 * @param overrides Each is parsed to the type of the setting it replaces; `losses.values` and `target.train.adversarial`,
 * bundles of settings, and the recipe go before all others; "none" takes an attack out of an evaluation, and an attack's
 * name under a new one adds it, with the epsilon of those beside it
 * @param plugin Its attacks, whose options can be set, and its bundles
 * @returns A checked copy with the replacements
 * @throws {UsageError} If a setting is unknown, a group, or cannot hold the value
 *
 * @example Usage
 * ```ts ignore
 * applyOverrides(preset, [{ path: ["attack", "epsilon"], text: "8/255" }]).attack.epsilon; // 0.0313...
 * ```
 */
export function applyOverrides(
  preset: Preset,
  overrides: readonly Override[],
  { attacks, lossValues, adversarialTrainings }: Pick<
    Plugin,
    "attacks" | "lossValues" | "adversarialTrainings"
  > = {},
): Preset {
  assertSetOnce("dataset.name", overrides);
  assertSetOnce(ADVERSARIAL, overrides);
  const bundle = overrides.find(({ path }) => path.join(".") === ADVERSARIAL)?.text;
  const trained = withAdversarialBundle(preset, bundle, adversarialTrainings);
  const copy = copyOf(withChosenRecipe(withValues(trained, overrides, lossValues), overrides));
  const renamed: Renaming[] = [];
  // What an attack's options are depends on its name.
  const isName = ({ path }: Override) =>
    path.at(-1) === "name" && isAttack(schemaAt(path.slice(0, -1)));
  const single = overrides.filter((one) =>
    ![VALUES, ADVERSARIAL].includes(one.path.join(".")) && !setsRecipe(one)
  );
  const isFirst = (one: Override) => isName(one) || isEntry(one.path);
  const ordered = [...single.filter(isFirst), ...single.filter((one) => !isFirst(one))];
  for (const { path, text } of ordered) {
    let group: object = copy;
    for (const [depth, key] of path.entries()) {
      if (depth === path.length - 1 && isNew(path, group) && text !== NONE) {
        Reflect.set(group, key, addedAttack({ path, text }, Object.values(group), copy, attacks));
        continue;
      }
      assertKnown(path, depth, group, attacks);
      if (depth < path.length - 1) {
        if (Reflect.get(group, key) === undefined) Reflect.set(group, key, {});
        group = Object(Reflect.get(group, key));
      } else if (text === NONE && isEntry(path)) {
        Reflect.deleteProperty(group, key);
      } else {
        const value = parseValue(path, text, group, attacks);
        if (isName({ path, text })) {
          renamed.push({
            path: path.slice(0, -1),
            from: String(Reflect.get(group, key)),
            to: text,
          });
          keepShared(group as AttackSettings, text, attacks);
        }
        Reflect.set(group, key, value);
      }
    }
  }
  if (overrides.length === 0) return copy;
  renameRows(copy, renamed);
  try {
    const origin = `the settings of ${preset.name}`;
    const parsed = parsePreset(copy, origin);
    assertAttacks(parsed, attacks, origin);
    return parsed;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The preset with the bundle that the overrides name, if they name one. */
function withValues(
  preset: Preset,
  overrides: readonly Override[],
  bundles: Plugin["lossValues"] = {},
): Preset {
  assertSetOnce(VALUES, overrides);
  const wanted = overrides.find(({ path }) => path.join(".") === VALUES)?.text;
  if (wanted === undefined) return preset;
  if (Object.hasOwn(bundles, wanted)) return withLossValues(preset, bundles[wanted]);
  const known = Object.keys(bundles);
  throw new UsageError(
    `Cannot set ${VALUES} to "${wanted}": ${
      known.length > 0 ? didYouMean(wanted, known) : `the task "${preset.task}" has no such bundles`
    }`,
  );
}

function assertSetOnce(setting: string, overrides: readonly Override[]): void {
  const sets = overrides.filter(({ path }) => path.join(".") === setting);
  if (sets.length < 2) return;
  const names = sets.map(({ text }) => text).join(" and ");
  throw new UsageError(`Cannot set ${setting} twice, to ${names}: set it once`);
}

/** Whether a path names one attack of several, which an evaluation can do without. */
function isEntry(path: readonly string[]): boolean {
  return isAttack(schemaAt(path)) && schemaAt(path.slice(0, -1)) instanceof z.ZodRecord;
}

/** Whether a path names an attack that an evaluation does not have yet. */
function isNew(path: readonly string[], group: object): boolean {
  return isEntry(path) && !Object.hasOwn(group, path.at(-1)!);
}

/** An attack that is added to others, with their epsilon, or without any the preset's. */
function addedAttack(
  { path, text: name }: Override,
  [beside]: readonly AttackSettings[],
  { attack }: Preset,
  own?: AnyAttackTable,
): AttackSettings {
  const known = attackNames(own);
  if (known.includes(name)) return { name, epsilon: (beside ?? attack).epsilon };
  throw new UsageError(
    `Cannot add ${path.join(".")} as there is no attack "${name}": ${didYouMean(name, known)}`,
  );
}

/** A copy in which every group stands for itself: presets use one object in several places. */
function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)])) as T;
}

/** An attack that has another name than the preset's. */
interface Renaming {
  readonly path: readonly string[];
  readonly from: string;
  readonly to: string;
}

/**
 * Leaves of an attack's settings what another attack has too: it begins with its own defaults. An objective
 * belongs to the attack that it was chosen for (KL's gradient is 0 at the clean image, where FGSM starts).
 */
function keepShared(group: AttackSettings, name: string, attacks?: AnyAttackTable): void {
  if (name === group.name) return;
  const { objective: _, ...shared } = attackOptions(name, attacks);
  for (const key of Object.keys(group)) {
    if (key !== "name" && key !== "epsilon" && !Object.hasOwn(shared, key)) {
      Reflect.deleteProperty(group, key);
    }
  }
}

/** Calls rows of an evaluation that were called by their attack's name by that of the attack in its place. */
function renameRows({ evaluation: { threatModels } }: Preset, renamed: readonly Renaming[]): void {
  for (const { path: [, , model, , row, ...below], from, to } of renamed) {
    if (below.length > 0 || !row?.startsWith(from) || from === to) continue;
    const { attacks } = threatModels[model];
    if (Object.hasOwn(attacks, to)) {
      throw new UsageError(
        `Cannot set the name of ${row} to ${to} as ${model} has the attack ${to} already: set its options instead`,
      );
    }
    const entries = Object.entries(attacks).map(([key, one]) => [key === row ? to : key, one]);
    Reflect.set(threatModels[model], "attacks", Object.fromEntries(entries));
  }
}

/** Fails unless the key at `depth` of a path is one that a preset has. */
function assertKnown(
  path: readonly string[],
  depth: number,
  group: object,
  attacks?: AnyAttackTable,
): void {
  const renamed: Readonly<Record<string, string>> = RENAMED.settings;
  const now = renamed[path.join(".")];
  if (now !== undefined) {
    throw new UsageError(`Cannot set ${path.join(".")} as it is now ${now}: see realign presets`);
  }
  const above = path.slice(0, depth);
  const named = keysAt(above, group, attacks);
  // A dataset's own options, the roles of a model file's values.
  const at = schemaAt(path.slice(0, depth + 1));
  const isFree = schemaAt(above) instanceof z.ZodRecord;
  if (at instanceof z.ZodUnion || isFree && at instanceof z.ZodString) return;
  // Optional settings count even where the preset leaves them out; names of attacks are the preset's.
  const known = named.length > 0 ? named : Object.keys(group);
  if (schemaAt(above) !== undefined && known.includes(path[depth])) return;
  if (schemaAt(above) instanceof z.ZodArray) throw listError(path);
  const isSetting = !(schemaAt(above) instanceof z.ZodObject) &&
    !(schemaAt(above) instanceof z.ZodRecord);
  throw new UsageError(
    isSetting
      ? `Cannot set ${path.join(".")} as ${above.join(".")} is a single value: write --${
        above.join(".")
      }=VALUE`
      : `Cannot set ${path.join(".")} as there is no "${path[depth]}"${
        depth > 0 ? ` in ${above.join(".")}` : ""
      }: ${didYouMean(path[depth], known)}`,
  );
}
