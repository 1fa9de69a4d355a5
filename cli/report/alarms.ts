/**
 * Alarms in words: for a terminal, and for a page.
 *
 * @module
 */
import type { Evaluation } from "@realign/core";
import { ALARMS } from "@realign/core/alarms";
import { ALARMED, keepUnits } from "./labels.ts";
import { html, type Markup } from "./markup.ts";

/** An alarm as a report tells it. */
interface Told {
  readonly name: string;
  readonly text: string;
  /** What to do; "" for an alarm of another version. */
  readonly remedy: string;
}

function toldIn({ alarms = [] }: Pick<Evaluation, "alarms">): Told[] {
  return alarms.map(({ name, text }) => ({
    name,
    text,
    remedy: Object.hasOwn(ALARMS, name) ? ALARMS[name].remedy : "",
  }));
}

/** All alarms as a block of text; undefined if there are none. */
export function alarmText(evaluation: Pick<Evaluation, "alarms">): string | undefined {
  const lines = toldIn(evaluation).map(({ name, text, remedy }) =>
    `  ${ALARMED} ${name}: ${text}.${remedy && ` To do: ${remedy}.`}`
  );
  return lines.length === 0 ? undefined : ["Alarms:", ...lines].join("\n");
}

/** All alarms as a list; undefined if there are none. */
export function alarmList(evaluation: Pick<Evaluation, "alarms">): Markup | undefined {
  const told = toldIn(evaluation);
  if (told.length === 0) return undefined;
  return html`
    <ul class="warnings alarms" aria-label="Alarms">
      ${told.map(({ name, text, remedy }) =>
        html`<li><b>${ALARMED} ${name}</b>: ${keepUnits(text)}.${
          remedy && ` To do: ${remedy}.`
        }</li>`
      )}
    </ul>
  `;
}
