/**
 * The examples in comments and documents, to be run: each is a module.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { dirname, join } from "node:path";
import { importsOf, root } from "./source_files.ts";

/** An example. */
export interface Example {
  /** The file that it stands in, from the repository's root, with "/". */
  readonly path: string;
  /** The line of its first fence, from 1. */
  readonly line: number;
  readonly code: string;
}

/**
 * The TypeScript blocks of a document, or of the documentation comments of a source file, but those that say
 * "ignore".
 *
 * @param path From the repository's root
 * @param text The file's
 */
export function examplesOf(path: string, text: string): Example[] {
  const kept = path.endsWith(".md") ? text : commentsAlone(text);
  const fences = kept.matchAll(/^ *```(ts|typescript)\b([^\n]*)\n([\s\S]*?)\n *```/gm);
  return Array.from(fences)
    .filter(([, , attributes]) => !attributes.includes("ignore"))
    .map(({ index, 3: code }) => ({ path, line: kept.slice(0, index).split("\n").length, code }));
}

/** A source file of as many lines with nothing but the text of its documentation comments. */
function commentsAlone(text: string): string {
  const blank = (code: string) => code.replaceAll(/[^\n]+/g, "");
  let [kept, end] = ["", 0];
  for (const { 0: comment, index } of text.matchAll(/^ *\/\*\*[\s\S]*?\*\//gm)) {
    kept += blank(text.slice(end, index)) + comment.replaceAll(/^ *\*(?: |$)/gm, "");
    end = index + comment.length;
  }
  return kept + blank(text.slice(end));
}

/** Runs an example, as a module that stands in its file's folder. */
export async function runExample({ path, line, code }: Example): Promise<void> {
  let linked = code;
  for (const { specifier } of importsOf(code)) {
    linked = linked.replaceAll(`"${specifier}"`, JSON.stringify(locate(path, specifier)));
  }
  try {
    await import(`data:application/typescript,${encodeURIComponent(linked)}#${path}:${line}`);
  } catch (cause) {
    throw new Error(`The example at ${path}:${line} fails: ${cause}`, { cause });
  }
}

/** Where a module of a file's folder finds what it imports. */
function locate(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return import.meta.resolve(specifier);
  return pathToFileURL(join(root, dirname(path), specifier)).href;
}
