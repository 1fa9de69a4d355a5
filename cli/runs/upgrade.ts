/**
 * Runs of version 1, read as version 2: systems and threat models instead of defenses by name; and settings of
 * version 2 that were once written otherwise.
 *
 * @module
 */
import type { EvaluatedSystem } from "@realign/core";

/** What things of version 1 are called now. */
export const RENAMED = {
  /** Columns of an evaluation. */
  columns: { "carlini-wagner": "pgd-cw" },
  attacks: { "carlini-wagner": "pgd-cw", "carlini-wagner-l2": "carlini-wagner" },
  objectives: { "carlini-wagner": "cw-margin" },
  randomStarts: { normal: "trades" },
  /** Whom G is trained against, once `train.attacker`. */
  adversaries: { oblivious: "target", whitebox: "system" },
  settings: { "train.attacker": "train.adversary" },
} as const;

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const isVersion1 = (value: unknown): value is Json => isObject(value) && value.version === 1;

const rename = (table: Readonly<Record<string, string>>, name: unknown): unknown =>
  typeof name === "string" && Object.hasOwn(table, name) ? table[name] : name;

/** The name of a column of version 1. */
export function renamedColumn(name: string): string {
  return String(rename(RENAMED.columns, name));
}

/** The settings of an attack of version 1, its members' included. */
export function renameAttack<T>(settings: T): T {
  if (typeof settings !== "object" || settings === null) return settings;
  const renamed: Readonly<Record<string, (value: unknown) => unknown>> = {
    name: (name) => rename(RENAMED.attacks, name),
    objective: (objective) => rename(RENAMED.objectives, objective),
    randomStart: (start) => rename(RENAMED.randomStarts, start),
    members: (members) => Array.isArray(members) ? members.map(renameAttack) : members,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      Object.hasOwn(renamed, key) ? renamed[key](value) : value,
    ]),
  ) as T;
}

/**
 * A run's record as it is written now, from an older one.
 *
 * @param value What was read; whatever is no older record stays as it is
 */
export function upgradeRunRecord(value: unknown): unknown {
  if (!isObject(value)) return value;
  const current: Json = isVersion1(value)
    ? { ...value, version: 2, preset: upgradePreset(value.preset) }
    : value;
  return respelt(current);
}

/** A record of version 2 with what was once written otherwise in its preset written as now. */
function respelt(record: Json): Json {
  if (!isObject(record.preset)) return record;
  const { losses, train } = record.preset;
  const now = { losses: withStops(losses), train: withAdversary(train) };
  if (now.losses === losses && now.train === train) return record;
  return { ...record, preset: { ...record.preset, ...now } };
}

/** `stopGradient` was once true or false. */
function withStops(losses: unknown): unknown {
  if (!isObject(losses) || typeof losses.stopGradient !== "boolean") return losses;
  return { ...losses, stopGradient: losses.stopGradient ? "all" : "none" };
}

/** Trainings through G began at random weights. */
function withAdversary(train: unknown): unknown {
  if (!isObject(train) || !("attacker" in train)) return train;
  const { attacker, ...rest } = train;
  const adversary = rename(RENAMED.adversaries, attacker);
  return { ...rest, adversary, ...(adversary === "system" && { start: { epochs: 0 } }) };
}

/**
 * A preset as runs of version 2 keep it, from one of version 1.
 *
 * @param preset With `evaluation.attacks`, `adaptive`, `jpegQuality`, `paper` and `paperTable`
 */
export function upgradePreset(preset: unknown): unknown {
  if (!isObject(preset) || !isObject(preset.evaluation)) return preset;
  const old = preset.evaluation;
  const { attacks, adaptive, jpegQuality, paper: _, paperTable: _table, ...rest } = old;
  const table = (named: unknown) =>
    Object.fromEntries(
      Object.entries(Object(named)).map(([name, settings]) => [
        columnOf(name, settings as Json),
        renameAttack(settings),
      ]),
    );
  const systems = systemsOf(jpegQuality);
  return {
    ...preset,
    attack: renameAttack(preset.attack),
    evaluation: {
      ...rest,
      systems: Object.fromEntries(systems.map(({ name, defenses }) => [name, { defenses }])),
      threatModels: {
        oblivious: { attacks: table(attacks) },
        whitebox: { attacks: table(adaptive), systems: ["generator"] },
      },
    },
  };
}

/** A column keeps its name where that is of the attack which has it now. */
function columnOf(name: string, settings: Json | null): string {
  return settings?.name === "carlini-wagner-l2" ? name : renamedColumn(name);
}

/**
 * An evaluation of version 2 from one of version 1.
 *
 * @param value What was read; whatever is no evaluation of version 1 stays as it is
 * @param run The run's record of version 1, which knows JPEG's quality and where the paper's figures stand
 */
export function upgradeEvaluation(value: unknown, run?: unknown): unknown {
  if (!isVersion1(value) || !Array.isArray(value.rows)) return value;
  const made = (Object(run).preset?.evaluation ?? {}) as Json;
  const figures: Record<string, Record<string, unknown>> = {};
  const rows = value.rows.map(({ defense, paper, attack, settings, threatModel, ...row }) => {
    const column = columnOf(attack, settings);
    if (paper !== undefined) (figures[defense] ??= {})[column] = paper;
    return {
      threatModel,
      attack: column,
      settings: renameAttack(settings),
      system: defense,
      ...row,
    };
  });
  const names = new Set(rows.map(({ system }) => system));
  const known = [
    { name: "none", title: "None (O alone)", role: "undefended", defenses: [] },
    ...systemsOf(made.jpegQuality),
  ] as const;
  const others = [...names].filter((name) => known.every((system) => system.name !== name));
  const { rows: _, seconds, environment, warnings, ...head } = value;
  const table = typeof made.paperTable === "string" && made.paperTable !== ""
    ? made.paperTable
    : "the paper";
  return {
    ...head,
    version: 2,
    systems: [
      ...known.filter(({ name }) => names.has(name)),
      ...others.map((name) => ({ name, title: name, role: "other", defenses: [] })),
    ],
    rows,
    ...(Object.keys(figures).length > 0 && { published: { table, figures } }),
    warnings,
    environment,
    seconds,
  };
}

/** The systems that version 1 measured besides O alone. */
function systemsOf(quality: unknown = 75): EvaluatedSystem[] {
  const jpeg = { name: "jpeg", quality };
  const generator = { name: "generator" };
  return [
    {
      name: "identity",
      title: "Identity (resizing only)",
      role: "control",
      defenses: [{ name: "identity" }],
    },
    { name: "jpeg", title: "JPEG", role: "other", defenses: [jpeg] },
    { name: "generator", title: "Generator G", role: "subject", defenses: [generator] },
    {
      name: "generator+jpeg",
      title: "Generator G, then JPEG",
      role: "other",
      defenses: [generator, jpeg],
    },
  ];
}
