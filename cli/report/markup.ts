/**
 * HTML from templates: what is put in is escaped, unless it is HTML already.
 *
 * @module
 */

/** HTML that is safe to put into more HTML. */
export class Markup {
  readonly text: string;

  /** @param text HTML, taken as it is */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a template takes: lists are joined, `false` and `undefined` leave nothing. */
export type Content = Markup | string | number | false | undefined | readonly Content[];

/** Writes content as HTML. */
function render(content: Content): string {
  if (content === false || content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (Array.isArray(content)) return content.map(render).join("");
  const codes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return String(content).replaceAll(/[&<>"]/g, (character) => codes[character]);
}

/** A template tag: html`<p>${text}</p>`. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...contents.map(render)));
}
