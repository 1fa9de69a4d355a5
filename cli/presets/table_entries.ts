/**
 * The tables of attacks, defenses and recipes with their options, for listings and documents.
 *
 * @module
 */
import { defaultText, type Option, type Options, type Plugin } from "@realign/core";
import { attacks } from "@realign/core/attacks";
import { defenses } from "@realign/core/defenses";
import { recipes } from "@realign/core/recipes";

/** An entry of a table, as printed. */
export interface Entry {
  readonly name: string;
  readonly title: string;
  /** Which tasks have it; "every task" for the core's. */
  readonly task: string;
  /** An attack's, by which its cached images are known. */
  readonly version?: number;
  /** A defense's role in comparisons. */
  readonly role?: string;
  /** Who published a rival. */
  readonly source?: string;
  readonly options: readonly ShownOption[];
}

/** An option of an entry. */
export interface ShownOption {
  readonly name: string;
  readonly default: string;
  /** Completes "must be ...". */
  readonly range: string;
  readonly help: string;
}

/** What listings show of a definition. */
interface Definition {
  readonly title: string;
  readonly version?: number;
  readonly role?: string;
  readonly source?: string;
  readonly options: Options;
}

/** The attacks of every task, then those of plugins. */
export function attackEntries(plugins: readonly Plugin[]): Entry[] {
  return [
    ...entriesOf("every task", attacks),
    ...plugins.flatMap(({ name, attacks = {} }) => entriesOf(name, attacks)),
  ];
}

/** The recipes of rivals. */
export function recipeEntries(): Entry[] {
  return entriesOf("every task", recipes);
}

/** The defenses. */
export function defenseEntries(): Entry[] {
  return entriesOf("every task", defenses);
}

function entriesOf(task: string, table: Readonly<Record<string, Definition>>): Entry[] {
  return Object.entries(table).map(([name, { title, version, role, source, options }]) => ({
    name,
    title,
    task,
    ...(version !== undefined && { version }),
    ...(role !== undefined && { role }),
    ...(source !== undefined && { source }),
    options: Object.entries(options).map(([name, option]: [string, Option<unknown>]) => ({
      name,
      default: defaultText(option),
      range: option.range.text,
      help: option.help,
    })),
  }));
}
