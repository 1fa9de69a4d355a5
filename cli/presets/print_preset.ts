/**
 * A preset in a few lines, each setting under the name that overrides it.
 *
 * @module
 */
import type { Preset } from "@realign/core";

const WIDTH = 100;

/**
 * Writes the settings in which a preset differs from the one it was made from.
 *
 * @param preset The resolved preset
 * @param base The plugin's preset of this name; undefined if there is none, then all settings are written
 * @returns Lines such as `preset cls-shapes with  train.batchSize=64 (32)`: the base's value in parentheses
 */
export function printChanges(preset: Preset, base: Preset | undefined): string {
  if (!base) return printPreset(preset);
  const words = changesOf(preset, base);
  if (words.length === 0) return `preset ${preset.name}`;
  const heading = `preset ${preset.name} with  `;
  return heading + wrap(words, heading.length);
}

/**
 * Lists the settings in which a preset differs from another one.
 *
 * @param preset The preset
 * @param base What it is compared with
 * @returns Words such as `train.batchSize=64 (32)`, the base's value in parentheses, and `no attack.steps`
 */
export function changesOf(preset: Preset, base: Preset): string[] {
  const own = new Map(settingsOf(preset));
  const before = new Map(settingsOf(base));
  const changed = [...own].filter(([path, text]) => before.get(path) !== text)
    .map(([path, text]) => `${path}=${text} (${before.get(path) ?? "not set"})`);
  const gone = [...before.keys()].filter((path) => !own.has(path)).map((path) =>
    missingIn(own, path)
  );
  return [...changed, ...[...new Set(gone)].map((path) => `no ${path}`)];
}

/** The shortest path above a missing setting under which nothing is set. */
function missingIn(settings: ReadonlyMap<string, string>, path: string): string {
  const keys = path.split(".");
  for (let length = 1; length < keys.length; length++) {
    const start = keys.slice(0, length).join(".");
    if (![...settings.keys()].some((other) => other.startsWith(`${start}.`))) return start;
  }
  return path;
}

/** Writes a preset for a terminal: a group a line, wrapped. */
function printPreset(preset: Preset): string {
  const groups = Object.entries(preset);
  const indent = Math.max(...groups.map(([name]) => name.length)) + 2;
  return groups.map(([name, value]) => {
    const words = typeof value === "object"
      ? settingsOf(value).map(([path, text]) => `${path}=${text}`)
      : [String(value)];
    return name.padEnd(indent) + wrap(words, indent);
  }).join("\n");
}

/** Every setting of a group by its dotted path. */
function settingsOf(group: object): [string, string][] {
  return Object.entries(group).flatMap(([key, value]): [string, string][] => {
    if (value === undefined) return [];
    if (Array.isArray(value) && typeof value[0] !== "object") {
      const isSize = value.length === 2 && value.every(Number.isInteger);
      return [[key, value.join(isSize ? "x" : ",")]];
    }
    if (typeof value !== "object") return [[key, String(value)]];
    return settingsOf(value).map(([path, text]) => [`${key}.${path}`, text]);
  });
}

function wrap(words: readonly string[], indent: number): string {
  const lines = [""];
  for (const word of words) {
    const last = lines.length - 1;
    if (lines[last] !== "" && indent + lines[last].length + word.length > WIDTH) lines.push(word);
    else lines[last] += lines[last] === "" ? word : `  ${word}`;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}
