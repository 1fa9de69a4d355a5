/**
 * Display names in reports.
 *
 * @module
 */
import {
  type Attacker,
  type Evaluation,
  type EvaluationRow,
  isWorstCase,
  THREAT_MODELS,
  UNDEFENDED,
} from "@realign/core";
import { changedNothing } from "@realign/core/alarms";
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
  "apgd-stages": "APGD in stages",
  sea: "SEA",
  mtd: "MTD",
  dag: "DAG",
  gaussian: "Gaussian noise",
  apgd: "APGD",
  "apgd-ce": "APGD-CE",
  "apgd-dlr": "APGD-DLR",
  "apgd-t": "APGD-T",
  fab: "FAB",
  "fab-t": "FAB-T",
  square: "Square",
  autoattack: "AutoAttack",
  "mi-fgsm": "MI-FGSM",
  "di-fgsm": "DI-FGSM",
  "hop-skip-jump": "HopSkipJump",
  latent: "Latent",
  noise: "Noise",
  feature: "Feature",
  "pgd-margin": "PGD-margin",
  submitted: "Submitted",
  "worst case": "Worst case",
  "worst case, chosen per picture": "Worst case, chosen per picture",
};

/** Display name of an attack, e.g. "DeepFool"; numbers in a name stay: "pgd-20" is "PGD-20". */
export function attackLabel(attack: string): string {
  const [, base, count = ""] = /^(.*?)(-\d+)?$/s.exec(attack)!;
  return Object.hasOwn(ATTACKS, base) ? `${ATTACKS[base]}${count}` : attack;
}

/** A column with its threat model, e.g. "PGD-20, whitebox"; clean and submitted images have none. */
export function columnLabel(
  { attack, ...attacker }: Attacker & Pick<EvaluationRow, "attack">,
): string {
  return attacker.threatModel === "none" || attacker.threatModel === attack
    ? attackLabel(attack)
    : `${attackLabel(attack)}, ${attackerLabel(attacker)}`;
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

/**
 * Where a figure was measured, e.g. "Behind Generator G". Only images go through a defense here: that an attack
 * does is what the word "whitebox" says.
 */
export function placeLabel({ systems }: Pick<Evaluation, "systems">, name: string): string {
  if (name === UNDEFENDED) return "O alone";
  const system = systems.find((system) => system.name === name);
  const title = system?.title ?? name;
  return system?.defenses.length === 0 && system.target ? title : `Behind ${title}`;
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

/** Stands behind a figure that an alarm concerns. */
export const ALARMED = "!";

/** A figure that may be not what it seems. */
export type MarkedFigure =
  & Partial<
    Pick<
      EvaluationRow,
      "notANumber" | "attackNotANumber" | "settings" | "maxPerturbation" | "alarms"
    >
  >
  & { readonly metric: Pick<EvaluationRow["metric"], "value"> };

type Marks = Omit<MarkedFigure, "metric">;

const isBroken = ({ notANumber, attackNotANumber }: Marks) =>
  Boolean(notANumber || attackNotANumber);

const isUnchanged = ({ settings = null, maxPerturbation = 0, attackNotANumber }: Marks) =>
  changedNothing({ settings, maxPerturbation, attackNotANumber });

/** A figure in percent, with marks where it is not what it seems. */
export function figure({ metric, ...row }: MarkedFigure): string {
  const marks = [
    isBroken(row) && BROKEN,
    isUnchanged(row) && UNCHANGED,
    row.alarms && ALARMED,
  ];
  return [percent(metric.value), ...marks].filter(Boolean).join("");
}

/** What the marks mean; undefined where no figure has one. */
export function brokenNote(rows: readonly Marks[]): string | undefined {
  const alarms = new Set(rows.flatMap(({ alarms = [] }) => alarms));
  const notes = [
    rows.some(isBroken) && `${BROKEN} some outputs are not numbers and count as wrong`,
    rows.some(isUnchanged) && `${UNCHANGED} the attack changed no image`,
    alarms.size > 0 && `${ALARMED} an alarm was raised: ${[...alarms].join(", ")}`,
  ];
  return notes.some(Boolean) ? notes.filter(Boolean).join("; ") : undefined;
}

/** What the passes of random defenses mean for figures; undefined where there were none. */
export function passesNote(rows: readonly Pick<EvaluationRow, "passes">[]): string | undefined {
  const passes = [...new Set(rows.flatMap(({ passes = 1 }) => passes > 1 ? [passes] : []))];
  if (passes.length === 0) return undefined;
  return `behind a random defense the mean of ${
    passes.join(" or ")
  } passes, and what is right in all of them, ` +
    "which alone counts for a worst case";
}

/** What is right in all passes, e.g. "in all 10: 61.0"; undefined where there was one pass. */
export function rightInAllText(
  { passes, rightInAll, attack }: Pick<EvaluationRow, "passes" | "rightInAll" | "attack">,
): string | undefined {
  if (rightInAll === undefined || isWorstCase({ attack })) return undefined;
  return `in all ${passes}: ${percent(rightInAll)}`;
}

/** How an attack differentiated a defense; nothing where it could exactly. */
function gradientText({ gradient, draws, convergence }: EvaluationRow): (string | false)[] {
  const cosine = convergence === undefined ? "" : ` (cosine ${convergence.toFixed(2)})`;
  return [
    gradient === "bpda" && "BPDA",
    gradient === "bpda-identity" && "BPDA by the identity",
    draws !== undefined && `EOT of ${draws} draws${cosine}`,
  ];
}

/** What each stage of an attack left, e.g. "right: clean 81, apgd-ce 5". */
function survivorText({ survivors }: EvaluationRow): string[] {
  if (!survivors) return [];
  const stages = survivors.map(({ stage, left, leftOut }) =>
    leftOut === undefined ? `${stage} ${left}` : `${stage} left out as it ${leftOut}`
  );
  return [`right after ${stages.join(", ")}`];
}

/** An attack's settings in a line, and how it came by gradients. */
export function settingsLine(row: EvaluationRow): string {
  const { settings } = row;
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
    settings.version !== undefined && `version ${settings.version}`,
    members && `of ${members.join(" and ")}`,
    ...gradientText(row),
    ...survivorText(row),
  ];
  return parts.filter(Boolean).join(", ");
}

/** Begins with a capital, unless the first word has one already: "mIoU" stays. */
export function sentence(text: string): string {
  return /^[a-z]+[A-Z]/.test(text) ? text : `${text[0].toUpperCase()}${text.slice(1)}`;
}

/** A space at which no line ends, as between a figure and its unit. */
export const NO_BREAK = "\u00a0";

/** Keeps figures and their units on one line. */
export function keepUnits(text: string): string {
  return text.replaceAll(/([\d†‡!]) (?=%|ms\b)/g, `$1${NO_BREAK}`);
}
