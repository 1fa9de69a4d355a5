/**
 * docs/reference/attacks.md, defenses.md and recipes.md: every entry of the tables with its options.
 *
 * @module
 */
import type { Entry } from "../../cli/presets/table_entries.ts";
import { cellText, code, table } from "./markdown_table.ts";

/** A page of entries. */
export interface EntryPage {
  readonly title: string;
  /** Below the title. */
  readonly introduction: string;
  readonly entries: readonly Entry[];
  /** What an entry's comment says. */
  readonly describe: (entry: Entry) => string;
}

/**
 * Writes the page.
 *
 * @param page Title, introduction, entries
 * @returns Markdown
 */
export function entryReference({ title, introduction, entries, describe }: EntryPage): string {
  const links = entries.map((entry) => {
    const name = headingOf(entry, entries);
    return `[${name}](#${name.replaceAll(/[^\w -]/g, "").replaceAll(" ", "-")})`;
  });
  return [
    `# ${title}`,
    introduction,
    `Entries: ${links.join(", ")}.`,
    ...entries.map((entry) => section(entry, headingOf(entry, entries), describe(entry))),
  ].join("\n\n");
}

/** A name, with the task where several have one of it. */
function headingOf({ name, task }: Entry, entries: readonly Entry[]): string {
  const isShared = entries.filter((other) => other.name === name).length > 1;
  return isShared && task !== "every task" ? `${name} (${task})` : name;
}

function section(entry: Entry, heading: string, text: string): string {
  const { title, task, version, role, source, options } = entry;
  const facts = [
    `"${title}" in tables and reports`,
    task === "every task" ? "for every task" : `for ${task}`,
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(role === undefined ? [] : [`role ${role}`]),
    ...(source === undefined ? [] : [`published by ${source}`]),
  ];
  const rows = options.map((option) =>
    [
      code(option.name),
      code(option.default),
      option.range,
      option.help,
    ].map(cellText)
  );
  return [
    `## ${heading}`,
    text,
    `${facts.join(", ")}.`,
    rows.length === 0
      ? "No options."
      : table([["option", "default", "must be", "meaning"], ...rows]),
  ].join("\n\n");
}
