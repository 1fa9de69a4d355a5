/**
 * The alarms of an evaluation as a table for the documents.
 *
 * @module
 */
import { ALARMS } from "@realign/core/alarms";
import { cellText, code, table } from "./markdown_table.ts";

/** All alarms by name: when each is raised, and what to do. */
export function alarmsTable(): string {
  return table([
    ["alarm", "raised where", "what to do"],
    ...Object.entries(ALARMS).map(([name, { sign, remedy }]) => [
      code(name),
      cellText(sign),
      cellText(remedy),
    ]),
  ]);
}
