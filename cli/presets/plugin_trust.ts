/**
 * Which plugins may run: those that this user has named by `--plugin`. A run's own word is not enough, as
 * its folder may be anybody's.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { z } from "zod";
import { configFolder } from "../system/config_folder.ts";
import { formatJson } from "../system/json.ts";
import { makeFolder, readJson, writeSafely } from "../system/safe_file.ts";
import { quoteWord } from "../system/shell_words.ts";
import { digestPlugin, isExact } from "./plugin_digest.ts";
import type { LoadedPlugin } from "./load_plugin.ts";

const NAME = "trusted-plugins.json";

const recordSchema = z.strictObject({
  version: z.literal(1),
  /** Digests of code, by where it is loaded from. */
  plugins: z.record(z.string(), z.string()),
});

/**
 * Remembers a plugin that the user named on the command line: runs that name the same code may run it.
 *
 * @param loaded The plugin; one that came along, or whose code nothing names, is not remembered
 * @param note Told where that could not be written
 */
export async function trustPlugin(
  { specifier }: LoadedPlugin,
  note: (text: string) => void,
): Promise<void> {
  const folder = configFolder();
  const digest = specifier === "" ? undefined : await trustDigest(specifier);
  if (folder === undefined || digest === undefined) return;
  const known = await readTrusted(folder);
  if (known[specifier] === digest) return;
  const record = { version: 1, plugins: { ...known, [specifier]: digest } };
  try {
    await makeFolder(folder);
    await writeSafely(join(folder, NAME), `${formatJson(record)}\n`);
  } catch (error) {
    const reason = (error as Error).message;
    note(`${reason}; runs of this plugin will need --plugin again`);
  }
}

/**
 * Fails unless this user has named a plugin before, and its code is still the same.
 *
 * @param specifier Where a run says its plugin is
 * @param run The run, named in the error
 * @throws {Error} One line: what would run, and how to allow it
 */
export async function assertTrusted(specifier: string, run: string): Promise<void> {
  const folder = configFolder();
  const trusted = folder === undefined ? {} : await readTrusted(folder);
  const known = Object.hasOwn(trusted, specifier) ? trusted[specifier] : undefined;
  const digest = await trustDigest(specifier);
  if (known !== undefined && known === digest) return;
  const reason = digest === undefined
    ? "nothing tells whether its code is what it was"
    : known === undefined
    ? "it was never named on this machine by this user"
    : "it has changed since it was last named";
  throw new Error(
    `Cannot open ${run} as it would run the code of the plugin ${
      shown(specifier)
    } and ${reason}: ` +
      `if you trust that code, add --plugin ${quoteWord(asTyped(specifier))}`,
  );
}

/** What names the code before it is loaded; undefined where nothing does. */
async function trustDigest(specifier: string): Promise<string | undefined> {
  if (specifier.startsWith("file:")) return await digestPlugin(specifier);
  return isExact(specifier) ? specifier : undefined;
}

/** A file that is no such record counts as empty: then plugins are asked for again. */
async function readTrusted(folder: string): Promise<Readonly<Record<string, string>>> {
  const value = await readJson(join(folder, NAME)).catch(() => undefined);
  const { success, data } = recordSchema.safeParse(value);
  return success ? data.plugins : {};
}

/** A specifier as it is written behind `--plugin`. */
function asTyped(specifier: string): string {
  return specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
}

function shown(specifier: string): string {
  return JSON.stringify(asTyped(specifier));
}
