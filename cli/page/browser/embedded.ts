/**
 * What lies in the page: content, code of the worker, weights and libraries.
 *
 * @module
 */
import type { PageContent } from "../content.ts";

/** A part of the page, by its name. */
function textOf(name: string): string {
  return document.getElementById(`embedded-${name}`)!.textContent!;
}

/** What the page is about. */
export function embeddedContent(): PageContent {
  return JSON.parse(textOf("content"));
}

/** The worker's program. */
export function embeddedWorker(): string {
  return textOf("worker");
}

/** A packed part: gzip, written in base64. */
export async function unpack(name: string): Promise<Blob> {
  const bytes = Uint8Array.from(atob(textOf(name)), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).blob();
}
