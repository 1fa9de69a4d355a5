import assert from "node:assert/strict";
import type { EvaluationRow } from "../rows.ts";
import { specificToTarget } from "./specific.ts";

const row = (
  threatModel: string,
  attack: string,
  value: number,
  more: Partial<EvaluationRow> = {},
): EvaluationRow => ({
  threatModel,
  attack,
  settings: null,
  system: "generator",
  metric: { name: "accuracy", value, count: 100 },
  maxPerturbation: 0.03,
  seconds: 1,
  ...more,
});
const by = (substitute: string, value: number, more = {}) =>
  row("transfer", "pgd", value, { substitute, ...more });
const G = { title: "G", role: "subject" as const, defenses: [{ name: "generator" }] };
const systems = [{ ...G, name: "none", defenses: [] }, { ...G, name: "generator" }];
const specificAlarms = (rows: EvaluationRow[], of: typeof systems) =>
  specificToTarget.find({ rows, systems: of }).map(({ text }) => text);

Deno.test("specificAlarms compares single attacks, and names the strongest substitute", () => {
  const oblivious = [row("oblivious", "pgd", 0.7), row("oblivious", "worst case", 0.3)];
  const alarms = specificAlarms([...oblivious, by("one", 0.5), by("two", 0.44)], systems);
  assert.deepEqual(alarms, [
    'Attacks on two (transfer) leave 44.0 % behind "generator", attacks on O alone (oblivious) 70.0 %: ' +
    'who knows less does more damage. "generator" undoes what is specific to attacks on O, so its oblivious ' +
    "figures do not hold for other attackers",
  ]);
});

Deno.test("specificAlarms says nothing of small differences, O alone, or what was not measured", () => {
  const oblivious = row("oblivious", "pgd", 0.7);
  assert.deepEqual(specificAlarms([oblivious, by("one", 0.695)], systems), []);
  assert.deepEqual(specificAlarms([oblivious, by("one", 0.9)], systems), []);
  assert.deepEqual(specificAlarms([oblivious], systems), []);
  assert.deepEqual(specificAlarms([by("one", 0.1)], systems), []);
  const alone = [
    row("oblivious", "pgd", 0.7, { system: "none" }),
    by("one", 0.1, { system: "none" }),
  ];
  assert.deepEqual(specificAlarms(alone, systems), []);
});
