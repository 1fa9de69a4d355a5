/**
 * The options of a preset's attacks, as the attacks themselves declare them.
 *
 * @module
 */
import type { AnyAttackTable, Preset } from "@realign/core";
import { attacks, type AttackSettings, resolveSettings } from "@realign/core/attacks";

/** Every attack of a task: the core's, and before them its own. */
const tableOf = (own?: AnyAttackTable): AnyAttackTable => ({ ...attacks, ...own });

/** The names of a task's attacks. */
export function attackNames(own?: AnyAttackTable): string[] {
  return Object.keys(tableOf(own));
}

/** The options that an attack takes besides epsilon; none where it is known to the task alone. */
export function attackOptions(
  name: string,
  own?: AnyAttackTable,
): AnyAttackTable[string]["options"] {
  const table = tableOf(own);
  return Object.hasOwn(table, name) ? table[name].options : {};
}

/**
 * Fails where a preset sets an attack as it cannot be set. Attacks that are in no table are checked once
 * the task is made.
 *
 * @param preset Its attacks are checked
 * @param own Attacks of the plugin, which go before the core's
 * @param origin Named in errors
 * @throws {TypeError} That names the option, and where it stands
 */
export function assertAttacks(
  preset: Preset,
  own: AnyAttackTable | undefined,
  origin: string,
): void {
  const table = tableOf(own);
  const check = (path: string, settings: AttackSettings) => {
    if (!Object.hasOwn(table, settings.name)) return;
    try {
      resolveSettings(settings, table[settings.name]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TypeError(`${reason} (${path} of ${origin})`, { cause: error });
    }
    const { epsilon, members = [] } = settings;
    for (const [index, member] of members.entries()) {
      check(`${path}.members.${index}`, { ...member, epsilon });
    }
  };
  check("attack", preset.attack);
  const { adversarial } = preset.target.train;
  if (adversarial?.attack) check("target.train.adversarial.attack", adversarial.attack);
  const { guard } = preset.train;
  if (guard) check("train.guard.attack", guard.attack);
  for (const part of ["threatModels", "curves"] as const) {
    for (const [model, { attacks }] of Object.entries(preset.evaluation[part] ?? {})) {
      for (const [name, settings] of Object.entries(attacks)) {
        check(`evaluation.${part}.${model}.attacks.${name}`, settings);
      }
    }
  }
}
