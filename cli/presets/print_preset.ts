/**
 * A preset in a few lines, each setting under the name that overrides it.
 *
 * @module
 */
import type { Preset } from "@realign/core";

const WIDTH = 100;

/**
 * Writes a preset for a terminal: a group a line, wrapped.
 *
 * @param preset The resolved preset
 * @returns Lines such as `train  batchSize=32  epochs=8  schedule.name=one-cycle ...`
 */
export function printPreset(preset: Preset): string {
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
      return [[key, value.join(typeof value[0] === "number" && value.length === 2 ? "x" : ",")]];
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
