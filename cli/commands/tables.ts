/**
 * `realign attacks`, `realign defenses` and `realign recipes`: lists them with their options.
 *
 * @module
 */
import { didYouMean } from "@realign/core";
import type { Command } from "commander";
import { listPlugins } from "../presets/choose_preset.ts";
import {
  attackEntries,
  defenseEntries,
  type Entry,
  recipeEntries,
} from "../presets/table_entries.ts";
import { UsageError } from "../system/failure.ts";
import { Output } from "../terminal/output.ts";
import { textTable } from "../terminal/text_table.ts";
import { type Context, type OutputOptions, refuseOverrides, withOutput } from "./options.ts";

/** Adds the three commands. */
export function addTables(program: Command, context: Context): void {
  addTable(program, context, "attacks", {
    what: "attack",
    description: "list the attacks, or the options of one",
    example: "deepfool",
    setting: "--attack.OPTION=VALUE, or for a column of an evaluation\n" +
      "--evaluation.threatModels.MODEL.attacks.COLUMN.OPTION=VALUE; every attack also has an epsilon",
    entries: async (plugin) =>
      attackEntries((await listPlugins(plugin)).map(({ plugin }) => plugin)),
  });
  addTable(program, context, "defenses", {
    what: "defense",
    description: "list the defenses, or the options of one",
    example: "jpeg",
    setting: "--evaluation.systems.ROW.defenses.0.OPTION=VALUE",
    entries: () => Promise.resolve(defenseEntries()),
  });
  addTable(program, context, "recipes", {
    what: "recipe",
    description: "list the rivals that can be trained in place of G, or the options of one",
    example: "ape-gan",
    setting: "realign train PRESET --recipe NAME --recipe.OPTION=VALUE",
    entries: () => Promise.resolve(recipeEntries()),
  });
}

interface Table {
  readonly what: string;
  readonly description: string;
  readonly example: string;
  /** How an option is set. */
  readonly setting: string;
  entries(plugin: string | undefined): Promise<readonly Entry[]>;
}

function addTable(
  program: Command,
  context: Context,
  command: string,
  { what, description, example, setting, entries }: Table,
): void {
  withOutput(program.command(command))
    .description(description)
    .argument("[name]", `one ${what}`)
    .option("--plugin <specifier>", "plugin of another task: jsr:@acme/x, npm:x or ./x.ts")
    .addHelpText("after", `\nExamples:\n  realign ${command}\n  realign ${command} ${example}`)
    .action(async (name: string | undefined, options: OutputOptions & { plugin?: string }) => {
      refuseOverrides(context, `${what}s are only listed: set it where one is used`);
      const output = new Output(options.json ?? false);
      const all = await entries(options.plugin);
      if (name === undefined) {
        const rows = all.map((entry) => [
          entry.name,
          entry.title,
          entry.task,
          entry.options.map(({ name }) => name).join(", "),
        ]);
        output.result(all, textTable([[what, "title", "task", "options"], ...rows]));
        return;
      }
      const found = all.filter((entry) => entry.name === name);
      if (found.length === 0) {
        const hint = didYouMean(name, all.map(({ name }) => name));
        throw new UsageError(`Cannot find the ${what} "${name}": ${hint}`);
      }
      output.result(found, `${found.map(optionTable).join("\n\n")}\n\nSet them with ${setting}.`);
    });
}

function optionTable({ name, title, task, options }: Entry): string {
  const heading = `${name} (${title}, ${task})`;
  if (options.length === 0) return `${heading}: no options`;
  const rows = options.map((option) => [option.name, option.default, option.range, option.help]);
  return `${heading}\n${textTable([["option", "default", "must be", "meaning"], ...rows])}`;
}
