/**
 * What the comments of attacks and defenses say of them, as `deno doc --json` reads them.
 *
 * @module
 */
import type { DocJson } from "./setting_docs.ts";

/**
 * Finds the comments of definitions.
 *
 * @param json Of the files that export them; they are loaded
 * @returns Gives the first paragraph above an exported value; undefined where none is exported or it has none
 */
export async function readEntryDocs(
  json: DocJson,
): Promise<(definition: unknown) => string | undefined> {
  const texts = new Map<unknown, string>();
  for (const [file, { symbols }] of Object.entries(json.nodes)) {
    const told = symbols.flatMap(({ name, declarations: [{ kind, jsDoc }] }) =>
      kind === "variable" && jsDoc?.doc ? [[name, jsDoc.doc] as const] : []
    );
    if (told.length === 0) continue;
    const exported: Record<string, unknown> = await import(file);
    for (const [name, doc] of told) {
      texts.set(exported[name], doc.split(/\n\s*\n/)[0].replaceAll(/\s+/g, " ").trim());
    }
  }
  return (definition) => texts.get(definition);
}
