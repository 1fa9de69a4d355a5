/**
 * Plugins: those that come along, and those named by `--plugin`.
 *
 * @module
 */
import type { Plugin } from "@realign/core";
import { VERSION } from "../system/environment.ts";
import { fileURLToPath } from "node:url";
import { assertFile } from "../system/safe_file.ts";
import { toFileUrl } from "../system/file_url.ts";
import { digestPlugin } from "./plugin_digest.ts";
import { assertAttacks } from "./attack_options.ts";
import { parsePreset } from "./preset_schema.ts";

/** A plugin, and the code that it is. */
export interface LoadedPlugin {
  readonly plugin: Plugin;
  /** Where it came from; "" for one that came along. */
  readonly specifier: string;
  /** Names its code, see {@linkcode digestPlugin}. */
  readonly digest: string | undefined;
}

/** The plugins that come along. */
const BUILT_IN: Readonly<Record<string, () => Promise<{ default: Plugin }>>> = {
  classification: () => import("@realign/classification"),
  segmentation: () => import("@realign/segmentation"),
  detection: () => import("@realign/detection"),
};

/** Loads the plugins that come along. */
export async function loadBuiltInPlugins(): Promise<LoadedPlugin[]> {
  return await Promise.all(
    Object.values(BUILT_IN).map(async (load) => ({
      plugin: (await load()).default,
      specifier: "",
      digest: `realign ${VERSION}`,
    })),
  );
}

/** What may stand before a plugin's name. One letter and a colon are a drive of Windows. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/**
 * Where a plugin is loaded from, the same from every folder: paths become `file:` URLs.
 *
 * @param specifier `jsr:@acme/x`, `npm:x`, a `file:` URL of this machine, or a path
 * @throws {TypeError} If it is anything else: code out of a URL (`data:`, `https:`) is never run
 */
export function resolvePlugin(specifier: string): string {
  const scheme = SCHEME.exec(specifier)?.[1];
  const url = scheme === undefined ? toFileUrl(specifier) : specifier;
  if (scheme === "jsr" || scheme === "npm") return url;
  // A host in a file URL is another machine, on Windows.
  if (/^file:\/\/\/(?!\/)/.test(url)) return new URL(url).href;
  const start = specifier.length > 60 ? `${specifier.slice(0, 60)}...` : specifier;
  throw new TypeError(
    `Cannot take ${
      JSON.stringify(start)
    } as a plugin as it must be a file on this machine, jsr: or npm:`,
  );
}

/**
 * Loads a plugin.
 *
 * @param specifier `jsr:@acme/x`, `npm:x`, a `file:` URL or a path
 * @returns What the module exports as its default, and which code that is
 * @throws {Error} If it cannot be imported
 * @throws {TypeError} If what it exports is no plugin of this version
 */
export async function loadPlugin(specifier: string): Promise<LoadedPlugin> {
  const url = resolvePlugin(specifier);
  let module: { default?: unknown };
  try {
    if (url.startsWith("file:") && !await isMissing(url)) await assertFile(fileURLToPath(url));
    module = await import(url);
  } catch (error) {
    if (await isMissing(url)) {
      throw new Error(`Cannot find the plugin ${specifier}: set its location with --plugin`, {
        cause: error,
      });
    }
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Error(`Cannot load the plugin ${specifier}: ${reason}`, { cause: error });
  }
  const plugin = checkPlugin(module.default, specifier);
  return { plugin, specifier: url, digest: await digestPlugin(url) };
}

async function isMissing(url: string): Promise<boolean> {
  if (!url.startsWith("file:")) return false;
  return await Deno.stat(new URL(url)).then(() => false, () => true);
}

/** Checks by value: a plugin may carry its own copy of core. */
function checkPlugin(value: unknown, specifier: string): Plugin {
  const fail = (reason: string): never => {
    throw new TypeError(`Cannot use ${specifier} as a plugin: ${reason}`);
  };
  if (typeof value !== "object" || value === null) {
    return fail("it must export an object as its default");
  }
  const { name, apiVersion, presets, datasets = {}, attacks, createTask } = value as Partial<
    Plugin
  >;
  if (apiVersion !== 1) fail(`its apiVersion must be 1: current value is ${apiVersion}`);
  if (typeof name !== "string" || name === "") fail("its name must be a non-empty string");
  if (typeof createTask !== "function") fail("its createTask must be a function");
  if (typeof presets !== "object" || presets === null) fail("its presets must be an object");
  if (typeof datasets !== "object" || datasets === null) fail("its datasets must be an object");
  for (const [key, open] of Object.entries(datasets)) {
    if (typeof open !== "function") fail(`its dataset "${key}" must be a function`);
  }
  for (const [key, preset] of Object.entries(presets!)) {
    const origin = `the preset "${key}" of ${specifier}`;
    const parsed = parsePreset(preset, origin);
    assertAttacks(parsed, attacks, origin);
    const { name: own, task } = parsed;
    if (own !== key) fail(`its preset "${key}" must have that name: current name is "${own}"`);
    if (task !== name) {
      fail(`its preset "${key}" must be for the task "${name}": current task is "${task}"`);
    }
  }
  return value as Plugin;
}
