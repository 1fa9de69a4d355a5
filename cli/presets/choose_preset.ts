/**
 * From a name on the command line to a preset and the plugin it belongs to.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { UsageError } from "../system/failure.ts";
import { loadBuiltInPlugins, type LoadedPlugin, loadPlugin } from "./load_plugin.ts";
import { didYouMean } from "@realign/core";

/** A preset with the plugin that knows its task. */
export interface ChosenPreset extends LoadedPlugin {
  readonly preset: Preset;
}

/** All plugins: a named one first, so that its presets go before others of the same name. */
export async function listPlugins(named: string | undefined): Promise<LoadedPlugin[]> {
  const builtIn = await loadBuiltInPlugins();
  return named ? [await loadPlugin(named), ...builtIn] : builtIn;
}

/**
 * Finds a preset by its name.
 *
 * @param name What was written
 * @param named A plugin named by `--plugin`
 * @throws {UsageError} If no plugin has it
 */
export async function choosePreset(name: string, named: string | undefined): Promise<ChosenPreset> {
  const plugins = await listPlugins(named);
  const owner = ownerOf(plugins, name);
  if (owner) return { preset: owner.plugin.presets[name], ...owner };
  const known = plugins.flatMap(({ plugin }) => Object.keys(plugin.presets));
  throw new UsageError(`Cannot find the preset "${name}": ${didYouMean(name, known)}`);
}

/** Whether a plugin has a preset of this name. */
export async function hasPreset(name: string, named: string | undefined): Promise<boolean> {
  return ownerOf(await listPlugins(named), name) !== undefined;
}

/** The first plugin that has a preset. */
function ownerOf(plugins: readonly LoadedPlugin[], name: string): LoadedPlugin | undefined {
  return plugins.find(({ plugin }) => Object.hasOwn(plugin.presets, name));
}

/**
 * Finds the plugin of a preset that a run kept.
 *
 * @param preset The run's copy
 * @param specifier Where its plugin came from; "" for one that came along
 */
export async function pluginOf(preset: Preset, specifier: string): Promise<LoadedPlugin> {
  const plugins = await listPlugins(specifier === "" ? undefined : specifier);
  const found = plugins.find(({ plugin }) => plugin.name === preset.task);
  if (found) return found;
  const known = plugins.map(({ plugin }) => plugin.name);
  throw new UsageError(
    `Cannot find a plugin for the task "${preset.task}" of ${preset.name} (load it with --plugin): ` +
      didYouMean(preset.task, known),
  );
}
