/**
 * The frame of every page.
 *
 * @module
 */
import { type Content, html, Markup } from "./markup.ts";
import { style } from "./style.ts";

/**
 * Writes a page that needs nothing beside it.
 *
 * @param title Stands before the project's name
 * @param body What the page shows
 * @param rules CSS besides the common one
 * @param frame What kind of page it is, as its title says; more for its head
 * @returns The whole HTML file
 */
export function writePage(
  title: string,
  body: Content,
  rules = "",
  { kind = "report", head }: { readonly kind?: string; readonly head?: Markup } = {},
): string {
  const page = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title} – Realign ${kind}</title>${head}
        <style>${new Markup(style + rules)}</style>
      </head>
      <body>
        ${body}
      </body>
    </html>
  `;
  return `${page.text.trim()}\n`;
}
