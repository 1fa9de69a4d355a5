/**
 * The columns of an evaluation: threat models, attacks and systems.
 *
 * @module
 */
import type { AttackSettings, Preset, ThreatModelSettings } from "../preset.ts";
import type { Images } from "../dataset.ts";
import { resolveDefense } from "../defenses/table.ts";
import { lookUp } from "../names.ts";
import { assertSystem, type System, UNDEFENDED } from "./system.ts";
import { type Attacked, type Substitute, THREAT_MODELS } from "./threat_models.ts";

/** One set of images, and the systems evaluated on it. */
export interface Column<O> {
  /** "none" for clean images, else a key of `THREAT_MODELS`. */
  readonly threatModel: string;
  readonly attack: string;
  readonly settings: AttackSettings | null;
  /** The model that the images are made against; absent for clean ones. */
  readonly attacked?: Attacked<O>;
  /** Images that others made; then nothing is attacked. */
  readonly given?: GivenImages;
  /** Whether it is a point of a curve, over epsilon or steps, and no part of worst cases. */
  readonly curve?: true;
  /** Draws of one gradient through a random defense. @default as many as converge */
  readonly draws?: number;
  readonly systems: readonly System<O>[];
}

/** Adversarial images that others made. */
export interface GivenImages {
  /** Their name and the epsilon that they keep to, in the L-infinity norm. */
  readonly settings: AttackSettings;
  /**
   * A batch of them.
   *
   * @param clean `[B, H, W, 3]`, what examples without an image of their own stay
   * @param indices `[B]`, of the dataset
   * @returns `[B, H, W, 3]`, owned by the caller
   */
  imagesOf(clean: Images, indices: Uint32Array): Images;
}

/**
 * The columns of an evaluation, in order: clean images, then by threat model, then by attacked model; curves last.
 *
 * @param evaluation A preset's threat models with their attacks, and its curves
 * @param systems All evaluated systems
 * @param substitutes What is attacked in place of O, for threat models that do so
 * @returns Columns, each with the systems that share its images
 * @throws {RangeError} If a threat model or system is unknown, or there is no substitute
 *
 * @example Usage
 * ```ts
 * import { columnsOf, createRandom, undefended } from "@realign/core";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask } from "../testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * using target = createToyTask().createTarget("toy-net", createRandom(1));
 * const threatModels = { oblivious: { attacks: { pgd: { name: "pgd", epsilon: 0.1 } } } };
 * const columns = columnsOf({ threatModels }, [undefended(target)]);
 * assert.deepEqual(columns.map(({ attack }) => attack), ["clean", "pgd"]);
 * ```
 */
export function columnsOf<O>(
  { threatModels, curves = {} }: Pick<Preset["evaluation"], "threatModels" | "curves">,
  systems: readonly System<O>[],
  substitutes: readonly Substitute<O>[] = [],
): Column<O>[] {
  const clean: Column<O> = { threatModel: "none", attack: "clean", settings: null, systems };
  const attacked = (models: Preset["evaluation"]["threatModels"]) =>
    Object.entries(models).flatMap(([threatModel, settings]) => {
      const attacks = Object.entries(settings.attacks);
      if (attacks.length === 0) return [];
      const groups = groupsOf(threatModel, settings, systems, substitutes);
      return groups.flatMap(({ attacked, systems }) =>
        attacks.map(([attack, attackSettings]): Column<O> => ({
          threatModel,
          attack,
          settings: attackSettings,
          attacked,
          ...(settings.draws !== undefined && { draws: settings.draws }),
          systems,
        }))
      );
    });
  return [
    clean,
    ...attacked(threatModels),
    ...attacked(curves).map((column) => ({ ...column, curve: true as const })),
  ];
}

/** Systems grouped by the model that is attacked for them. */
function groupsOf<O>(
  name: string,
  { systems: names }: ThreatModelSettings,
  systems: readonly System<O>[],
  substitutes: readonly Substitute<O>[],
): { readonly attacked: Attacked<O>; readonly systems: System<O>[] }[] {
  const model = lookUp(THREAT_MODELS, name, "evaluate", "the threat model");
  if (model.refusal !== undefined) throw new RangeError(model.refusal);
  assertSubstitutes(name, substitutes.length);
  const byName = Object.fromEntries(systems.map((system) => [system.name, system]));
  const chosen = names?.map((name) => lookUp(byName, name, "evaluate", "the system")) ?? systems;
  const groups: { readonly attacked: Attacked<O>; readonly systems: System<O>[] }[] = [];
  for (const system of chosen) {
    for (const attacked of model.attackedFor(system, substitutes)) {
      const group = groups.find((other) =>
        other.attacked.target === attacked.target && other.attacked.defense === attacked.defense
      );
      if (group) group.systems.push(system);
      else groups.push({ attacked, systems: [system] });
    }
  }
  return groups;
}

/** Names of substitutes are parts of file names, and of settings, which dots take apart. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** Fails if a threat model has no substitute to attack. */
function assertSubstitutes(threatModel: string, count: number): void {
  if (count > 0 || !THREAT_MODELS[threatModel].bySubstitutes) return;
  throw new RangeError(
    `Cannot evaluate "${threatModel}" as evaluation.substitutes must name a model that is attacked in place of O: there is none`,
  );
}

/**
 * Whether an evaluation attacks substitutes of O.
 *
 * @param evaluation A preset's threat models with their attacks
 *
 * @example Usage
 * ```ts
 * import { attacksSubstitutes } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const pgd = { name: "pgd", epsilon: 0.1 };
 * assert.equal(attacksSubstitutes({ threatModels: { transfer: { attacks: { pgd } } } }), true);
 * assert.equal(attacksSubstitutes({ threatModels: { oblivious: { attacks: { pgd } } } }), false);
 * ```
 */
export function attacksSubstitutes(
  { threatModels }: Pick<Preset["evaluation"], "threatModels">,
): boolean {
  return Object.entries(threatModels).some(([name, { attacks }]) =>
    THREAT_MODELS[name]?.bySubstitutes === true && Object.keys(attacks).length > 0
  );
}

/**
 * Fails if an evaluation names an unknown defense, threat model or system, lacks a substitute, or has an
 * option that is invalid.
 *
 * @param evaluation A preset's
 * @throws {RangeError} With the cause
 *
 * @example Usage
 * ```ts
 * import { checkEvaluation } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const systems = { mine: { defenses: [{ name: "jpg" }] } };
 * assert.throws(
 *   () => checkEvaluation({ batchSize: 8, examples: 0, systems, threatModels: {} }),
 *   /did you mean "jpeg"/,
 * );
 * ```
 */
export function checkEvaluation(
  { systems, substitutes = {}, threatModels, curves = {} }: Preset["evaluation"],
): void {
  for (const [name, system] of Object.entries(systems)) {
    assertSystem(name, system);
    system.defenses.forEach(resolveDefense);
  }
  for (const name of Object.keys(substitutes)) {
    if (NAME.test(name)) continue;
    throw new RangeError(
      `Cannot name a substitute "${name}" as it must be of letters, digits, "_" and "-"`,
    );
  }
  const known = { ...systems, [UNDEFENDED]: undefined };
  const models = [threatModels, curves].flatMap((models) => Object.entries(models));
  for (const [name, { attacks, systems: names = [] }] of models) {
    lookUp(THREAT_MODELS, name, "evaluate", "the threat model");
    if (Object.keys(attacks).length > 0) {
      assertSubstitutes(name, Object.keys(substitutes).length);
    }
    for (const system of names) lookUp(known, system, "evaluate", "the system");
  }
}
