/**
 * The documents of the repository and the blocks of code in them, for tests that check them.
 *
 * @module
 */
import { join } from "node:path";
import { root } from "./source_files.ts";

/** Paths of the documents, from the repository's root. */
export const documents: readonly string[] = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...["docs", "docs/reference"].flatMap((folder) =>
    Array.from(Deno.readDirSync(join(root, folder)), ({ name }) => `${folder}/${name}`)
      .filter((path) => path.endsWith(".md")).sort()
  ),
];

/** The text of a file. */
export const readDocument = (path: string): Promise<string> => Deno.readTextFile(join(root, path));

/** A fenced block. */
export interface Block {
  /** What follows the fence, e.g. "sh" or "ts ignore". */
  readonly kind: string;
  readonly code: string;
  /** The line before the fence. */
  readonly before: string;
}

/** The fenced blocks of a document. */
export function blocksOf(text: string): Block[] {
  const fences = text.matchAll(/(?:^|\n)(.*)\n```([^\n]*)\n([\s\S]*?)\n?```(?=\n|$)/g);
  return Array.from(fences, ([, before, kind, code]) => ({ kind, code, before }));
}

/** The commands of a shell block, without comments, continued lines joined. */
export function commandsOf(code: string): string[] {
  return code.replaceAll(/\\\n\s*/g, "").split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** Commands of Realign within the sentences of a document, one by one. */
export function commandsWithin(text: string): string[] {
  const prose = text.replaceAll(/(^|\n)```[\s\S]*?\n```/g, "");
  return Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code]) => code)
    .flatMap((code) => code.split(/\s*(?:;|&&)\s+/))
    .filter((code) => /^(deno task|realign) \S/.test(code));
}
