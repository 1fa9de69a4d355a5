/**
 * What names the code of a plugin, so that results which it made are not taken for those of other code.
 *
 * @module
 */
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { sha256 } from "../system/safe_file.ts";

/** Files in which other files are looked for. */
const MODULES: ReadonlySet<string> = new Set([
  ".ts",
  ".tsx",
  ".mts",
  ".cts",
  ".js",
  ".jsx",
  ".mjs",
  ".cjs",
]);
/** A plugin of more files than this has no digest. */
const MOST_FILES = 2000;
/** Of a larger file, weights or data, size and time of change count instead of its content. */
const MOST_BYTES = 16 * 2 ** 20;
const LONGEST_NAME = 300;

/** How a template may begin: the folder of the module itself, whatever expression it comes from. */
const OWN_FOLDER = /^\$\{[^}]*\}\//;

/** A package's exact version: the same code for ever. */
const EXACT_JSR = /^jsr:\/?@[^/]+\/[^/@]+@\d+\.\d+\.\d+[^/]*(\/|$)/;

/**
 * Digests a plugin's code. Call it when the plugin was loaded: that is when the code was read.
 *
 * Of a file, it covers the content of all local files that it reaches: every quoted relative path that
 * names a file counts, be it imported, exported from, loaded later or read. Of a package, it covers the
 * exact version.
 *
 * @param url Where the plugin was loaded from: `file:`, `npm:`, `jsr:`, `https:` or `data:`
 * @returns A text that changes with the code; undefined where nothing tells that the code has changed
 */
export async function digestPlugin(url: string): Promise<string | undefined> {
  if (url.startsWith("data:")) return sha256(new TextEncoder().encode(url));
  if (EXACT_JSR.test(url)) return url;
  const place = url.startsWith("npm:") ? resolveNpm(url) : url;
  if (!place?.startsWith("file:")) return undefined;
  const files = await digestFiles(fileURLToPath(place));
  if (files === undefined || place === url) return files;
  const version = await packageVersion(fileURLToPath(place));
  return version && `${version} ${files}`;
}

/** Where an npm package that was imported lies. */
function resolveNpm(specifier: string): string | undefined {
  try {
    return import.meta.resolve(specifier);
  } catch {
    return undefined;
  }
}

/** Name and version of the package that a file belongs to. */
async function packageVersion(path: string): Promise<string | undefined> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const text = await Deno.readTextFile(join(folder, "package.json")).catch(() => undefined);
    if (text === undefined) continue;
    const { name, version } = JSON.parse(text) as { name?: string; version?: string };
    if (name && version) return `${name}@${version}`;
  }
  return undefined;
}

/** SHA-256 over a file and those that it reaches; undefined where they are too many, or one cannot be read. */
async function digestFiles(root: string): Promise<string | undefined> {
  try {
    const first = await Deno.realPath(root);
    const found = new Map<string, string>();
    const waiting = [first];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (found.has(path)) continue;
      if (found.size === MOST_FILES) return undefined;
      const { size, mtime } = await Deno.stat(path);
      if (size > MOST_BYTES) {
        found.set(path, `${size} ${mtime?.getTime()}`);
        continue;
      }
      const content = await Deno.readFile(path);
      found.set(path, sha256(content));
      if (!MODULES.has(extname(path))) continue;
      for (const name of fileNamesIn(new TextDecoder().decode(content))) {
        const other = await localFile(name, path);
        if (other !== undefined && !found.has(other)) waiting.push(other);
      }
    }
    const lines = [...found].map(([path, digest]) => `${relative(dirname(first), path)} ${digest}`);
    return sha256(new TextEncoder().encode(lines.sort().join("\n")));
  } catch {
    return undefined;
  }
}

/** What stands between two quotation marks and ends as names of files do. */
function fileNamesIn(source: string): Set<string> {
  const quoted = [...source.matchAll(/["'`]([^"'`\n]+)(?=["'`])/g)]
    .map(([, text]) => text.replace(OWN_FOLDER, "./"));
  return new Set(quoted.filter((text) => text.length <= LONGEST_NAME && /\.\w+$/.test(text)));
}

/** The file that a name in a module means, links followed; undefined where there is none. */
async function localFile(name: string, module: string): Promise<string | undefined> {
  try {
    const url = new URL(name, pathToFileURL(module));
    if (url.protocol !== "file:") return undefined;
    const path = await Deno.realPath(url);
    return (await Deno.stat(path)).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}
