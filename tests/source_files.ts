/**
 * The sources of this repository and what they import, for the tests that check them.
 *
 * @module
 */
import { dirname, join, relative, resolve } from "node:path";

/** The repository's folder. */
export const root: string = resolve(import.meta.dirname!, "..");

/** The folders of all code. */
export const codeFolders = [
  "core",
  "datasets",
  "interop",
  "plugins",
  "cli",
  "bench",
  "tests",
] as const;

/** One import of a file. */
export interface Import {
  /** What is written between the quotes. */
  readonly specifier: string;
  readonly kind: "static" | "type" | "dynamic";
}

/** Every file below some folders, as paths from the repository's root with "/". */
export async function listFiles(folders: readonly string[], ending: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory) found.push(...await listFiles([path], ending));
      else if (name.endsWith(ending)) found.push(path);
    }
  }
  return found.sort();
}

/** A file's code, without its comments. */
export async function readCode(path: string): Promise<string> {
  const text = await Deno.readTextFile(join(root, path));
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** What code imports. */
export function importsOf(code: string): Import[] {
  const statements = code.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[^"'`;]*?\sfrom\s+)?"([^"]+)"/gm,
  );
  const calls = code.matchAll(/\bimport\("([^"]+)"\)/g);
  return [
    ...Array.from(statements, ([, type, specifier]): Import => ({
      specifier,
      kind: type ? "type" : "static",
    })),
    ...Array.from(calls, ([, specifier]): Import => ({ specifier, kind: "dynamic" })),
  ];
}

/** The path of a file that another one imports by a relative specifier. */
export function resolveImport(from: string, specifier: string): string {
  return relative(root, resolve(root, dirname(from), specifier));
}
