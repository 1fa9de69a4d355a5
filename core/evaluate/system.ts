/**
 * A system: a target model, possibly behind a defense.
 *
 * @module
 */
import type { Defense } from "../defenses/defense.ts";
import type { DefenseKit } from "../defenses/definition.ts";
import { freezeDefense } from "../defenses/frozen.ts";
import { createDefense, definitionOf } from "../defenses/table.ts";
import type { OtherTarget, SystemSettings } from "../preset.ts";
import { createRandom } from "../random.ts";
import type { TargetModel } from "../task.ts";

/**
 * Role of a system in comparisons: O "undefended", a "control" that changes nothing by design, a "subject"
 * whose defenses are all trained for O, or "other".
 */
export type SystemRole = "undefended" | "control" | "subject" | "other";

/** A row of an evaluation. */
export interface System<O> {
  readonly name: string;
  /** As tables and reports name it. */
  readonly title: string;
  /** @default {"other"} */
  readonly role?: SystemRole;
  readonly target: TargetModel<O>;
  /** Absent for a target model alone. */
  readonly defense?: Defense;
}

/** The systems of an evaluation and their resources; dispose it. */
export interface Systems<O> extends Disposable {
  /** O alone first. */
  readonly list: readonly System<O>[];
}

/** What systems are created from. */
export interface SystemSources<O> {
  /** O; borrowed. */
  readonly target: TargetModel<O>;
  /** What defenses need from outside core; borrowed. */
  readonly kit?: DefenseKit;
  /** Opens another target model, owned by the systems. */
  readonly openTarget?: (target: OtherTarget) => Promise<TargetModel<O>>;
}

/** Name of O alone. */
export const UNDEFENDED = "none";

/**
 * Creates O without a defense, the first row of every evaluation.
 *
 * @param target O
 * @returns The system
 *
 * @example Usage
 * ```ts
 * import { createRandom, undefended } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using target = createToyTask().createTarget("toy-net", createRandom(1));
 * assert.equal(undefended(target).name, "none");
 * ```
 */
export function undefended<O>(target: TargetModel<O>): System<O> {
  return { name: UNDEFENDED, title: "None (O alone)", role: "undefended", target };
}

/**
 * Creates the systems of a preset's evaluation, O alone first. Systems with the same O' share it.
 *
 * @param settings Systems by name
 * @param sources O, the kit, and a function that opens other target models
 * @returns The systems; dispose them
 * @throws {RangeError} If a name, an option or a value is impossible, or the kit lacks what is needed
 *
 * @example Usage
 * ```ts
 * import { createRandom, createSystems } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using target = createToyTask().createTarget("toy-net", createRandom(1));
 * const settings = { shaken: { defenses: [{ name: "random-resize-pad" }] } };
 * using systems = await createSystems(settings, { target });
 * assert.deepEqual(systems.list.map(({ name }) => name), ["none", "shaken"]);
 * ```
 */
export async function createSystems<O>(
  settings: Readonly<Record<string, SystemSettings>>,
  { target, kit, openTarget }: SystemSources<O>,
): Promise<Systems<O>> {
  using stack = new DisposableStack();
  const list = [undefended(target)];
  const others = new Map<string, TargetModel<O>>();
  for (const [name, system] of Object.entries(settings)) {
    assertSystem(name, system);
    const made = system.defenses.length > 0
      ? stack.use(await createDefense(system.defenses, kit))
      : undefined;
    const defense = made && system.frozen ? freezeDefense(made, createRandom(1)) : made;
    let own = target;
    if (system.target) {
      const key = JSON.stringify(system.target);
      own = others.get(key) ?? stack.use(await open(name, system.target, openTarget));
      others.set(key, own);
    }
    list.push({
      name,
      title: titleOf(system, own, kit?.titles),
      role: roleOf(system),
      target: own,
      ...(defense && { defense }),
    });
  }
  const owned = stack.move();
  return { list, [Symbol.dispose]: () => owned.dispose() };
}

/**
 * Fails unless a system has a valid name, and a defense or another target model.
 *
 * @param name Of the system
 * @param system Its settings
 * @throws {RangeError} If not
 *
 * @example Usage
 * ```ts
 * import { assertSystem } from "./system.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => assertSystem("none", { defenses: [] }), /reserved for O alone/);
 * ```
 */
export function assertSystem(name: string, { defenses, target }: SystemSettings): void {
  if (name === UNDEFENDED) {
    throw new RangeError(
      `Cannot measure the system "${name}" as this name is reserved for O alone`,
    );
  }
  if (defenses.length > 0 || target) return;
  throw new RangeError(
    `Cannot measure the system "${name}" as it must have a defense or another target: without them it is O alone`,
  );
}

async function open<O>(
  name: string,
  target: OtherTarget,
  openTarget: SystemSources<O>["openTarget"],
): Promise<TargetModel<O>> {
  if (openTarget) return await openTarget(target);
  throw new RangeError(
    `Cannot measure the system "${name}" as no function to open its target ${target.weights} was given`,
  );
}

function titleOf<O>(
  { title, defenses, target, frozen }: SystemSettings,
  { name }: TargetModel<O>,
  known: DefenseKit["titles"] = {},
): string {
  if (title !== undefined) return title;
  const titles = defenses.map(({ name }) => known[name] ?? definitionOf(name).title)
    .join(", then ");
  const chain = frozen ? `${titles} (frozen)` : titles;
  if (!target) return chain;
  const other = `O' (${name})`;
  return chain === "" ? other : `${chain}, before ${other}`;
}

/** A system's role in comparisons, by its settings. */
export function roleOf({ defenses, target }: SystemSettings): SystemRole {
  if (target) return "other";
  const roles = new Set(defenses.map(({ name }) => definitionOf(name).role));
  const [role, ...more] = roles;
  if (more.length > 0 || role === "transformation") return "other";
  return role === "trained" ? "subject" : "control";
}
