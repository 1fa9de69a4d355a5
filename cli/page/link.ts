/**
 * TypeScript modules as one script for browsers.
 *
 * @module
 */
import { stripTypeScriptTypes } from "node:module";

/** An import, or an export of what another module has. */
const IMPORT = /^(?:import|export)\s[^;]*?\bfrom\s*"[^"]*"(?:\s*with\s*\{[^}]*\})?;$/gm;

/**
 * Puts modules into one scope: types, imports and the word "export" go. Top-level names must be unique across the
 * modules, and no module may rename what it imports.
 *
 * @param sources TypeScript, each behind those whose constants it reads while it loads
 * @param start The statement that runs it
 * @returns JavaScript
 * @throws {SyntaxError} If a source is none, or two modules have the same name
 */
export function linkScript(sources: readonly string[], start: string): string {
  const bodies = sources.map((source) =>
    stripTypeScriptTypes(source)
      .replaceAll(IMPORT, "")
      .replaceAll(/^export (?=(?:async )?(?:function|const|class) )/gm, "")
      .replaceAll(/[ \t]+$/gm, "")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim()
  );
  const script = `"use strict";\n${bodies.join("\n\n")}\n\n${start}\n`;
  // It is only parsed.
  new Function(script);
  return script;
}

/** A script as it may stand in an HTML element: nothing in it ends the element or begins a comment. */
export function inElement(script: string): string {
  return script.replaceAll(/<(?=\/script|!--|script)/gi, "\\x3c");
}
