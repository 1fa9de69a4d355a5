/**
 * Systems that are named on the command line without being in a preset: chains of defenses of the table.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { defenses, type DefenseSettings } from "@realign/core/defenses";

type Evaluation = Preset["evaluation"];

/**
 * The chain that a name stands for, e.g. "tvm+quilting": entries of the table of defenses with their defaults, in order.
 *
 * @param name A name, or several with "+" between them
 * @returns Undefined where one is not in the table
 *
 * @example Usage
 * ```ts ignore
 * chainNamed("tvm+quilting"); // [{ name: "tvm" }, { name: "quilting" }]
 * ```
 */
export function chainNamed(name: string): DefenseSettings[] | undefined {
  const names = name.split("+");
  return names.every((one) => Object.hasOwn(defenses, one))
    ? names.map((one) => ({ name: one }))
    : undefined;
}

/**
 * Adds the systems of `--systems` that a preset lacks and whose names are chains of the table; their options can then be
 * set like those of its own.
 *
 * @param preset The preset
 * @param systems `--systems`
 */
export function withNamedSystems(preset: Preset, systems: string | undefined): Preset {
  const { evaluation } = preset;
  const added: Record<string, Evaluation["systems"][string]> = {};
  for (const name of (systems ?? "").split(",").map((name) => name.trim())) {
    const chain = Object.hasOwn(evaluation.systems, name) ? undefined : chainNamed(name);
    if (chain) added[name] = { defenses: chain };
  }
  if (Object.keys(added).length === 0) return preset;
  return { ...preset, evaluation: { ...evaluation, systems: { ...evaluation.systems, ...added } } };
}
