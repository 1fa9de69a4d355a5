/**
 * Signs of masked gradients: an attacker who knows less does more damage.
 *
 * @module
 */
import type { EvaluatedSystem, EvaluationRow } from "../rows.ts";
import type { AlarmCheck } from "./alarm.ts";
import {
  attacksOn,
  isBelow,
  LEAST_MARGIN,
  leastOf,
  needsNoGradient,
  percentText,
} from "./compare.ts";

/** Attackers who know less than a whitebox one. */
interface Weaker {
  /** Named in the check's sign. */
  readonly who: string;
  readonly remedy: string;
  is(row: EvaluationRow): boolean;
  /** Whose figures can be compared. */
  applies(system: EvaluatedSystem): boolean;
}

const oblivious: Weaker = {
  who: "attacks on O alone (oblivious) do",
  remedy: "approximate the defense's gradient (BPDA), or take another loss",
  is: (row) => row.threatModel === "oblivious" && !needsNoGradient(row),
  // Attacks on O alone know everything of a system without a defense.
  applies: ({ defenses }) => defenses.length > 0,
};

const transfer: Weaker = {
  who: "attacks on a substitute (transfer) do",
  remedy: "start whitebox attacks at the transferred images, or take the substitute's gradient",
  is: (row) => row.substitute !== undefined && !needsNoGradient(row),
  applies: () => true,
};

const blackBox: Weaker = {
  who: "attacks without a gradient (Square, HopSkipJump, noise) do",
  remedy: "report the least of both; look for what hides the gradient",
  is: needsNoGradient,
  applies: () => true,
};

/** A row of a whitebox attacker, and one of an attacker who knows less and does more damage. */
interface Beaten {
  readonly through: EvaluationRow;
  readonly weaker: EvaluationRow;
}

/** The radius of a row's attack; JSON has null for Infinity. */
const epsilonOf = ({ settings }: EvaluationRow): number => settings?.epsilon ?? Infinity;
const normOf = ({ settings }: EvaluationRow) => settings?.norm ?? "linf";

/**
 * The strongest whitebox row that a row may be compared with: those of the same norm with the smallest epsilon that is
 * no smaller than the row's own, or any below it. Undefined where whitebox attackers had less room only.
 */
function comparableWith(
  row: EvaluationRow,
  direct: readonly EvaluationRow[],
): EvaluationRow | undefined {
  const same = direct.filter((other) => normOf(other) === normOf(row));
  const room = Math.min(...same.map(epsilonOf).filter((epsilon) => epsilon >= epsilonOf(row)));
  if (same.every((other) => epsilonOf(other) < epsilonOf(row))) return undefined;
  return leastOf(same.filter((other) => epsilonOf(other) <= room));
}

/** Raised where the weaker attacker leaves less than attacks through the defense, with no more room. */
function beatsWhitebox({ who, remedy, is, applies }: Weaker): AlarmCheck {
  return {
    sign: `attacks that know the defense (whitebox) do less damage than ${who}, by more than ` +
      `${100 * LEAST_MARGIN} points and what chance explains`,
    remedy,
    find: ({ rows, systems }) =>
      systems.filter(applies).flatMap(({ name: system }) => {
        const attacks = attacksOn(rows, system);
        const direct = attacks.filter((row) =>
          row.threatModel === "whitebox" && !needsNoGradient(row)
        );
        const beaten = attacks.filter(is).flatMap((weaker) => {
          const through = comparableWith(weaker, direct);
          return through && isBelow(weaker, through, LEAST_MARGIN) ? [{ through, weaker }] : [];
        });
        const lead = ({ through, weaker }: Beaten) => through.metric.value - weaker.metric.value;
        const [most] = beaten.toSorted((a, b) => lead(b) - lead(a));
        if (!most) return [];
        const { through, weaker } = most;
        const [whitebox, other] = [through.metric.value, weaker.metric.value];
        return [{
          system,
          threatModel: "whitebox",
          text:
            `Attacks that know "${system}" (whitebox) leave ${percentText(whitebox)}, ${
              toldOf(weaker)
            } leave ${percentText(other)}: an attacker who knows more should do at least as much ` +
            `damage. The gradient through "${system}" is likely masked, so its whitebox figures are too high`,
          numbers: { whitebox, other, difference: whitebox - other },
        }];
      }),
  };
}

function toldOf(row: EvaluationRow): string {
  if (needsNoGradient(row)) return `attacks without a gradient (${row.attack})`;
  return `attacks on ${row.substitute ?? "O alone"} (${row.threatModel})`;
}

/** Attacks on O alone beat whitebox ones. */
export const obliviousBeatsWhitebox: AlarmCheck = beatsWhitebox(oblivious);

/** Attacks on a substitute beat whitebox ones. */
export const transferBeatsWhitebox: AlarmCheck = beatsWhitebox(transfer);

/** Attacks without a gradient beat those with one. */
export const blackBoxBeatsWhitebox: AlarmCheck = beatsWhitebox(blackBox);
