/**
 * docs/reference/presets.md: every setting of a preset.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { changesOf } from "../../cli/presets/print_preset.ts";
import { cellText, code, table } from "./markdown_table.ts";
import { type JsonSchema, rangeText } from "./range_text.ts";
import type { SettingDoc } from "./setting_docs.ts";

/** The presets with the paper's settings, one for each task. */
export const PAPER_PRESETS = ["cls-cifar10", "seg-cityscapes", "det-voc0712"];

/** What the names of attacks, systems and threat models are in a path, and a place in a list. */
const NAMES: Readonly<Record<string, string>> = {
  systems: "ROW",
  threatModels: "MODEL",
  attacks: "COLUMN",
  options: "OPTION",
};

/** A setting, its path and its schema. */
interface Setting {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** What the page is made from. */
export interface PresetSources {
  /** The preset's. */
  readonly schema: JsonSchema;
  /** What is said of a setting. */
  readonly docs: (path: readonly string[]) => SettingDoc | undefined;
  readonly presets: readonly Preset[];
}

/**
 * Writes the page.
 *
 * @param sources Schema, comments, presets
 * @returns Markdown
 * @throws {Error} If a setting lacks its text, or it and all above it lack a default or an origin; all are named
 */
export function presetReference({ schema, docs, presets }: PresetSources): string {
  const papers = presets.filter(({ name }) => PAPER_PRESETS.includes(name));
  const missing: string[] = [];
  const rowOf = ({ path, schema }: Setting): string[] => {
    const dotted = path.join(".");
    const { text, fallback } = docs(path) ?? {};
    const above = path.map((_, depth) => path.slice(0, path.length - depth));
    const origin = above.map((group) => docs(group)?.origin).find(Boolean);
    const optional = above.slice(1).find((group) => docs(group)?.fallback);
    const usual = fallback !== undefined
      ? `left out: ${fallback}`
      : usualText(path, papers) ?? (optional && `left out: ${docs(optional)!.fallback}`);
    if (!text) missing.push(`${dotted} has no comment`);
    if (!origin) missing.push(`${dotted} has no @origin`);
    if (usual === undefined) missing.push(`${dotted} has no @default, and no preset has it`);
    return [code(dotted), rangeText(schema), usual ?? "", text ?? "", origin ?? ""].map(cellText);
  };
  const groups = Map.groupBy(
    settingsOf(schema),
    ({ path }) => path.length === 1 ? "" : path[0],
  );
  const heading = ["setting", "must be", "default", "meaning", "from"];
  const sections = [...groups].map(([group, settings]) => {
    const { text } = docs([group]) ?? {};
    if (group !== "" && !text) missing.push(`${group} has no comment`);
    const more = GROUP_NOTES[group];
    return [
      `## ${group === "" ? "preset" : group}`,
      ...(text ? [text] : []),
      ...(more ? [more] : []),
      table([heading, ...settings.map(rowOf)]),
    ].join("\n\n");
  });
  if (missing.length > 0) {
    throw new Error(
      `Cannot write the reference of presets: ${missing.join("; ")} (core/preset.ts)`,
    );
  }
  return [
    INTRODUCTION,
    contents([...groups.keys()].map((group) => group === "" ? "preset" : group)),
    ...sections,
    presetList(presets, papers),
  ].join("\n\n");
}

const INTRODUCTION = `# Presets

A preset holds every setting of a run. Change one on the command line by its path, \`--train.batchSize=64\`; \
\`realign presets NAME\` prints a preset in full, with your changes.

- **must be** is checked before anything is computed. Numbers may be written \`0.031\`, \`2e-4\` or \`8/255\`; sizes \
\`32x32\`, height first; lists of numbers \`0.5,0.5,0.5\`.
- **default** is what the presets with the paper's settings have, ${
  PAPER_PRESETS.map(code).join(", ")
}: one value, or each one's by its task (\`cls\`, \`seg\`, \`det\`). "left out" says what holds where a preset does \
not set it.
- **from** names the place in the paper, other work, or *ours* where we chose.`;

/** What a section says besides its comment. */
const GROUP_NOTES: Readonly<Record<string, string>> = {
  attack: "Every attack has options of its own besides: see [attacks](attacks.md).",
  evaluation:
    "`ROW`, `MODEL` and `COLUMN` are names in the preset; a number is a place in a list. Defenses have " +
    "[options](defenses.md) of their own, as attacks [have](attacks.md). " +
    "[Threat models](../threat_models.md) explains the rest.",
};

function contents(groups: readonly string[]): string {
  const links = [...groups, "all presets"].map((group) =>
    `[${group}](#${group.replaceAll(" ", "-")})`
  );
  return `Sections: ${links.join(", ")}.`;
}

/** Every setting of a schema, groups before what they hold. */
function settingsOf(schema: JsonSchema, path: readonly string[] = []): Setting[] {
  const { properties, additionalProperties, items, type } = schema;
  if (properties) {
    return Object.entries(properties).flatMap(([key, inner]) => settingsOf(inner, [...path, key]));
  }
  const inner = type === "array" ? items : additionalProperties;
  if (typeof inner !== "object") return [{ path, schema }];
  const below = type === "array" ? "0" : NAMES[path.at(-1)!] ?? "NAME";
  // A list of words is set as a whole.
  if (type === "array" && !inner.properties) return [{ path, schema }];
  const list = type === "array" ? [{ path, schema }] : [];
  return [...list, ...settingsOf(inner, [...path, below])];
}

/** What the papers' presets have at a path; undefined where none has anything there. */
function usualText(path: readonly string[], papers: readonly Preset[]): string | undefined {
  // What stands under a free name is each preset's own.
  if (path.some((key) => /^[A-Z]+$/.test(key))) return "each preset's own";
  const values = papers.map((preset) => {
    const value = path.reduce<unknown>((group, key) => Reflect.get(Object(group), key), preset);
    return [preset.name.split("-")[0], value === undefined ? undefined : valueText(value)] as const;
  });
  const [[, first]] = values;
  if (values.every(([, value]) => value === first)) return first && code(first);
  return values.filter(([, value]) => value !== undefined)
    .map(([task, value]) => `${task} ${code(value!)}`).join(", ");
}

function valueText(value: unknown): string {
  if (Array.isArray(value) && value.length === 2) return value.join("x");
  const levels = Number(value) * 255;
  if (!Number.isInteger(value) && Number.isInteger(levels)) return `${levels}/255`;
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function presetList(presets: readonly Preset[], papers: readonly Preset[]): string {
  const sections = presets.map((preset) => {
    const base = papers.find(({ task }) => task === preset.task);
    const changes = base && base !== preset ? changesOf({ ...preset, name: base.name }, base) : [];
    const text = changes.length === 0
      ? "The paper's settings."
      : `${changes.map(code).join(", ")}.`;
    return `### ${preset.name}\n\n${text}`;
  });
  return [
    "## all presets",
    `What each changes of ${
      PAPER_PRESETS.map(code).join(", ")
    }, whose value stands in parentheses.`,
    ...sections,
  ].join("\n\n");
}
