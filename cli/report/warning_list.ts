/**
 * Warnings at the head of a page.
 *
 * @module
 */
import { sentence } from "./labels.ts";
import { html, type Markup } from "./markup.ts";

/** Writes warnings as a list, each with a capital; undefined where there are none. */
export function warningList(warnings: readonly string[]): Markup | undefined {
  if (warnings.length === 0) return undefined;
  return html`
    <ul class="warnings" aria-label="Warnings">
      ${warnings.map((warning) => html`<li>${sentence(warning)}</li>`)}
    </ul>
  `;
}
