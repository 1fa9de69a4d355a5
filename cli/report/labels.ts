/**
 * Display names in reports.
 *
 * @module
 */
import {
  type Attacker,
  changedNothing,
  type Evaluation,
  type EvaluationRow,
  THREAT_MODELS,
} from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";

const ATTACKS: Readonly<Record<string, string>> = {
  clean: "Clean",
  pgd: "PGD",
  bim: "BIM",
  fgsm: "FGSM",
  deepfool: "DeepFool",
  "pgd-cw": "PGD-CW",
  "carlini-wagner": "C&W L2",
  segpgd: "SegPGD",
  cospgd: "CosPGD",
  mtd: "MTD",
  dag: "DAG",
  "worst case": "Worst case",
};

/** Display name of an attack, e.g. "DeepFool"; numbers in a name stay: "pgd-20" is "PGD-20". */
export function attackLabel(attack: string): string {
  const [, base, count = ""] = /^(.*?)(-\d+)?$/s.exec(attack)!;
  return Object.hasOwn(ATTACKS, base) ? `${ATTACKS[base]}${count}` : attack;
}

/** A column in one word where those of several threat models stand side by side, e.g. "PGD-20, whitebox". */
export function columnLabel(
  { attack, ...attacker }: Attacker & Pick<EvaluationRow, "attack">,
): string {
  const { threatModel } = attacker;
  const isUsual = threatModel === "none" || threatModel === "oblivious";
  return isUsual ? attackLabel(attack) : `${attackLabel(attack)}, ${attackerLabel(attacker)}`;
}

/** An attacker in few words, e.g. "whitebox", "transfer from resnet50". */
export function attackerLabel({ threatModel, substitute }: Attacker): string {
  return substitute === undefined ? threatModel : `${threatModel} from ${substitute}`;
}

/** Notes on attacks with ambiguous names; empty if there are none. */
export function attackNotes(rows: readonly EvaluationRow[]): string[] {
  const margin = rows.filter(({ attack }) => attack === "pgd-cw");
  const budgets = new Set(
    margin.flatMap(({ settings }) =>
      settings ? [`epsilon ${settings.epsilon} and step ${settings.stepSize}`] : []
    ),
  );
  if (budgets.size === 0) return [];
  return [
    `PGD-CW is PGD on Carlini and Wagner's margin loss, which the paper calls C&W, with ${
      [...budgets].join(" or ")
    }`,
  ];
}

/** Title of a system. */
export function systemTitle({ systems }: Pick<Evaluation, "systems">, name: string): string {
  return systems.find((system) => system.name === name)?.title ?? name;
}

/** An attacker's title with the substitute, and what the attacker knows. */
export function attackerText(
  { threatModel: name, substitute }: Attacker,
): { readonly title: string; readonly text: string } {
  const known = Object.hasOwn(THREAT_MODELS, name) ? THREAT_MODELS[name] : undefined;
  const { title, text } = known ?? { title: `${name} attacker`, text: "" };
  return { title: substitute === undefined ? title : `${title}, from ${substitute}`, text };
}

/** The threat models of rows, in their order; clean images have none. */
export function threatModelsIn(rows: readonly Pick<EvaluationRow, "threatModel">[]): string[] {
  const names = rows.map(({ threatModel }) => threatModel);
  return [...new Set(names)].filter((name) => name !== "none");
}

/** A metric's value in percent, e.g. "84.3". */
export function percent(value: number): string {
  return (100 * value).toFixed(1);
}

/** Stands behind a figure that counts outputs which are not numbers. */
export const BROKEN = "†";

/** Stands behind the figure of an attack that changed no image. */
export const UNCHANGED = "‡";

const isBroken = ({ notANumber, attackNotANumber }: EvaluationRow) =>
  Boolean(notANumber || attackNotANumber);

/** The figure of a row in percent, with marks where it is not what it seems. */
export function figure(row: EvaluationRow): string {
  const marks = [isBroken(row) && BROKEN, changedNothing(row) && UNCHANGED];
  return [percent(row.metric.value), ...marks].filter(Boolean).join("");
}

/** What the marks mean; undefined where no figure has one. */
export function brokenNote(rows: readonly EvaluationRow[]): string | undefined {
  const notes = [
    rows.some(isBroken) && `${BROKEN} some outputs are not numbers and count as wrong`,
    rows.some(changedNothing) && `${UNCHANGED} the attack changed no image`,
  ];
  return notes.some(Boolean) ? notes.filter(Boolean).join("; ") : undefined;
}

/** An attack's settings in a line. */
export function settingsLine({ settings }: EvaluationRow): string {
  if (!settings) return "no attack";
  const { name, epsilon, stepSize, steps, objective, randomStart, restarts, norm } = settings as
    & AttackSettings
    & { readonly restarts?: number };
  const members = (settings.members as readonly AttackSettings[] | undefined)?.map((member) =>
    [member.name, member.objective, member.steps && `${member.steps} steps`].filter(Boolean).join(
      " ",
    )
  );
  const parts = [
    name,
    objective,
    `epsilon ${epsilon}`,
    stepSize !== undefined && `step ${stepSize}`,
    steps !== undefined && `${steps} steps`,
    randomStart && randomStart !== "none" && `${randomStart} start`,
    restarts !== undefined && restarts > 1 && `${restarts} restarts`,
    norm && norm !== "linf" && norm,
    settings.return === "best" && "best iterate",
    settings.targeted && "targeted",
    members && `of ${members.join(" and ")}`,
  ];
  return parts.filter(Boolean).join(", ");
}
