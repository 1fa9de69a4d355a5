/**
 * Names that readers of a report know things by.
 *
 * @module
 */
import type { EvaluationRow, ThreatModel } from "@realign/core";
import type { AttackSettings } from "@realign/core/attacks";

const ATTACKS: Readonly<Record<string, string>> = {
  clean: "Clean",
  pgd: "PGD",
  bim: "BIM",
  fgsm: "FGSM",
  deepfool: "DeepFool",
  "carlini-wagner": "C&W",
  segpgd: "SegPGD",
  cospgd: "CosPGD",
  mtd: "MTD",
  dag: "DAG",
  "worst case": "Worst case",
};

const DEFENSES: Readonly<Record<string, string>> = {
  none: "None (O alone)",
  identity: "Identity (resizing only)",
  jpeg: "JPEG",
  generator: "Generator G",
  "generator+jpeg": "Generator G, then JPEG",
};

/** Each threat model's name, and what its attacker knows. */
export const THREAT_MODELS: Readonly<
  Record<Exclude<ThreatModel, "none">, { readonly title: string; readonly text: string }>
> = {
  oblivious: {
    title: "Oblivious attacker",
    text: "Knows the target network O and nothing of the defense: adversarial images are made " +
      "against O alone and then pass through the defense. This is what the paper's tables " +
      "report, there called white-box. It is no measure of robustness against an attacker who " +
      "knows the defense.",
  },
  whitebox: {
    title: "Whitebox attacker",
    text: "Knows the defense too: the exact gradient is taken through G, the resizing and O. " +
      "The paper reports no such figures.",
  },
};

/** An attack as a reader knows it, e.g. "C&W"; numbers in a name stay: "pgd-20" is "PGD-20". */
export function attackLabel(attack: string): string {
  const [, base, count = ""] = /^(.*?)(-\d+)?$/s.exec(attack)!;
  return Object.hasOwn(ATTACKS, base) ? `${ATTACKS[base]}${count}` : attack;
}

/** A defense in words. */
export function defenseLabel(defense: string): string {
  return DEFENSES[defense] ?? defense;
}

/** A metric's value in percent, e.g. "84.3". */
export function percent(value: number): string {
  return (100 * value).toFixed(1);
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
