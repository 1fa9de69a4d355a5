/**
 * The reference pages in docs/reference, which `deno task readme` writes: settings of presets, commands, attacks,
 * defenses, recipes. No text there is typed by hand: all of it stands in the code that it describes.
 *
 * @module
 */
import type { Plugin } from "@realign/core";
import { attacks } from "@realign/core/attacks";
import { defenses } from "@realign/core/defenses";
import { recipes } from "@realign/core/recipes";
import { z } from "zod";
import { loadBuiltInPlugins } from "../../cli/presets/load_plugin.ts";
import { presetSchema } from "../../cli/presets/preset_schema.ts";
import {
  attackEntries,
  defenseEntries,
  type Entry,
  recipeEntries,
} from "../../cli/presets/table_entries.ts";
import { createProgram } from "../../cli/program.ts";
import { Interruption } from "../../cli/system/interruption.ts";
import { commandReference } from "./command_reference.ts";
import { readEntryDocs } from "./entry_docs.ts";
import { presetReference } from "./preset_reference.ts";
import type { JsonSchema } from "./range_text.ts";
import { type DocJson, readSettingDocs } from "./setting_docs.ts";
import { entryReference } from "./table_reference.ts";

const root = new URL("../..", import.meta.url);

const NOTE = "<!-- Written by: deno task readme -->\n\n";

/**
 * Writes the reference pages.
 *
 * @param json What `deno task comments` prints
 * @returns Markdown by path from the repository's folder
 * @throws {Error} If a setting or an entry has no comment, or a setting no default or origin
 */
export async function referencePages(json: DocJson): Promise<Record<string, string>> {
  const plugins = (await loadBuiltInPlugins()).map(({ plugin }) => plugin);
  const describe = await entryTexts(json, plugins);
  const pages = {
    presets: presetReference({
      schema: z.toJSONSchema(presetSchema) as JsonSchema,
      docs: readSettingDocs(json),
      presets: plugins.flatMap(({ presets }) => Object.values(presets)),
    }),
    commands: commandReference(
      createProgram(
        { overrides: [], words: [], interruption: new Interruption() },
        { out: () => {}, error: () => {} },
      ),
    ),
    attacks: entryReference({
      title: "Attacks",
      introduction: ATTACKS,
      entries: attackEntries(plugins),
      describe,
    }),
    defenses: entryReference({
      title: "Defenses",
      introduction: DEFENSES,
      entries: defenseEntries(),
      describe,
    }),
    recipes: entryReference({
      title: "Recipes",
      introduction: RECIPES,
      entries: recipeEntries(),
      describe,
    }),
  };
  return Object.fromEntries(
    Object.entries(pages).map(([name, page]) => [`docs/reference/${name}.md`, `${NOTE}${page}\n`]),
  );
}

const ATTACKS =
  "Every attack stays within `epsilon` of the clean image and in [0, 1]. Set options with " +
  "`--attack.OPTION=VALUE` for the attack that G is trained on, and with " +
  "`--evaluation.threatModels.MODEL.attacks.COLUMN.OPTION=VALUE` for a column of an evaluation. " +
  "`realign attacks NAME` prints the same. Cached images of an older version are made anew.";

const DEFENSES = "A system is a chain of defenses in front of a network; see " +
  "[threat models](../threat_models.md). Set options with " +
  "`--evaluation.systems.ROW.defenses.0.OPTION=VALUE`. `realign defenses NAME` prints the same.";

const RECIPES =
  "A recipe is a learned rival of the paper's method: `realign train PRESET --recipe NAME` trains it " +
  "in place of G; see [rivals](../rivals.md). Set options with `--recipe.OPTION=VALUE`. " +
  "`realign recipes NAME` prints the same.";

/** Gives the comment of an entry. Throws where there is none. */
async function entryTexts(
  json: DocJson,
  plugins: readonly Plugin[],
): Promise<(entry: Entry) => string> {
  const textOf = await readEntryDocs(json);
  return ({ name, task, role, source }) => {
    const owned = plugins.find((plugin) => plugin.name === task)?.attacks?.[name];
    const definition = source !== undefined
      ? recipes[name]
      : role !== undefined
      ? defenses[name]
      : owned ?? attacks[name];
    const text = textOf(definition);
    if (text === undefined) {
      throw new Error(`Cannot describe ${name} of ${task} as no comment stands above it`);
    }
    return text;
  };
}

if (import.meta.main) {
  const json: DocJson = await new Response(Deno.stdin.readable).json();
  for (const [path, page] of Object.entries(await referencePages(json))) {
    await Deno.writeTextFile(new URL(path, root), page);
  }
}
