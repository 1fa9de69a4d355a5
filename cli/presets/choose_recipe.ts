/**
 * The rival that a run trains: `--recipe NAME`, `--recipe.protocol=original`, `--recipe.OPTION=VALUE`.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { REALIGN, recipes, type RecipeSettings, withRecipe } from "@realign/core/recipes";
import { UsageError } from "../system/failure.ts";
import type { Override } from "./override.ts";
import { parseOption } from "./parse_value.ts";
import { protocol as protocols } from "./recipe_schema.ts";

/** Whether a setting is of the recipe. */
export function setsRecipe({ path: [group] }: Override): boolean {
  return group === "recipe";
}

/**
 * A preset with the recipe that the command line names. Its published settings, if they are wanted, go before all
 * others of the command line.
 *
 * @param preset The preset
 * @param overrides Settings from the command line; those of the recipe count
 * @returns The preset; the same without such settings
 * @throws {UsageError} If a name or option is unknown, or a value impossible
 */
export function withChosenRecipe(preset: Preset, overrides: readonly Override[]): Preset {
  const own = overrides.filter(setsRecipe);
  if (own.length === 0) return preset;
  for (const { path } of own) {
    if (path.length === 2) continue;
    throw new UsageError(
      `Cannot set ${path.join(".")} as a recipe's settings are --recipe.NAME=VALUE`,
    );
  }
  const given = Object.fromEntries(own.map(({ path: [, key], text }) => [key, text]));
  const { name = preset.recipe?.name ?? REALIGN, protocol, ...texts } = given;
  const option = own.find(({ path: [, key] }) => key !== "name");
  if (name === REALIGN && option) {
    throw new UsageError(
      `Cannot set ${
        option.path.join(".")
      } as no rival is trained: add --recipe NAME, see realign recipes`,
    );
  }
  if (protocol !== undefined && !protocols.safeParse(protocol).success) {
    const known = protocols.options.map((one) => `"${one}"`).join(" or ");
    throw new UsageError(`Cannot set recipe.protocol as it must be ${known}: got "${protocol}"`);
  }
  const options = Object.hasOwn(recipes, name) ? recipes[name].options : {};
  const values = Object.entries(texts).map(([key, text]) => [
    key,
    Object.hasOwn(options, key) ? parseOption(options[key], text) : text,
  ]);
  const kept = preset.recipe?.name === name ? preset.recipe : {};
  const settings = {
    ...kept,
    ...Object.fromEntries(values),
    name,
    ...(protocol !== undefined && { protocol }),
  } as RecipeSettings;
  try {
    return withRecipe(preset, settings);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
