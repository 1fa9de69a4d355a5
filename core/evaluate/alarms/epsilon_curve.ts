/**
 * A sign that an attack does not find what is there: a larger ball helps it nothing.
 *
 * @module
 */
import type { AlarmCheck, Evidence } from "./alarm.ts";
import {
  type AttackRow,
  findByDirectAttacker,
  groupsWithout,
  withCurves,
} from "./attacker_rows.ts";
import { isBelow, LEAST_MARGIN, MARGIN, percentText } from "./compare.ts";

/** L-infinity: from here on a flat curve is a sign, as images change visibly (16/255). */
const VISIBLE = 16 / 255;

/**
 * L-infinity: every image can be made almost grey, so nothing may be left but chance. Below 128/255, as curves end at
 * sixteen times a preset's radius: .496 of the paper's .031, .48 of its .03 on segmentation.
 */
const ANYTHING = 0.45;

const epsilonOf = ({ settings: { epsilon } }: AttackRow) => epsilon;

/** Raised where accuracy does not fall with epsilon, down to chance. Needs an attack with several epsilons. */
export const epsilonChangesNothing: AlarmCheck = {
  sign:
    "a larger epsilon does not lower the figure, or one of 0.45 or more leaves more than chance",
  remedy:
    "the attack is caught in a flat or masked place: more steps, another loss, attacks without a gradient",
  find: (evidence) =>
    findByDirectAttacker(
      withCurves(evidence),
      (rows) =>
        groupsWithout(rows, ["epsilon", "stepSize"]).flatMap((group) => {
          const curve = group.toSorted((a, b) => epsilonOf(a) - epsilonOf(b));
          const [first, last] = [curve[0], curve[curve.length - 1]];
          const reason = curve.length < 2 ? undefined : reasonOf(curve, evidence);
          if (reason === undefined) return [];
          const [small, large] = [first, last].map(({ metric }) => metric.value);
          return [{
            text:
              `${last.settings.name} leaves ${percentText(small)} at epsilon ${
                epsilonOf(first)
              } and ${percentText(large)} at ${
                epsilonOf(last)
              }: ${reason}. The attack does not find ` +
              "what is there, so the figures are too high",
            numbers: {
              smallestEpsilon: epsilonOf(first),
              largestEpsilon: epsilonOf(last),
              atSmallest: small,
              atLargest: large,
            },
          }];
        }),
    ),
};

/** What is wrong with a curve in order of epsilon; undefined if nothing is. */
function reasonOf(curve: readonly AttackRow[], { classCount }: Evidence): string | undefined {
  const rises = curve.some((row, index) =>
    curve.slice(0, index).some((before) => isBelow(before, row, LEAST_MARGIN))
  );
  if (rises) return "a larger epsilon should leave no more";
  const [first, last] = [curve[0], curve[curve.length - 1]];
  const { value, interval } = last.metric;
  const isLinf = last.settings.norm !== "l2";
  const chance = 1 / (classCount ?? Infinity);
  if (!isLinf || (interval ? interval[0] <= chance : value <= chance + MARGIN)) return undefined;
  if (epsilonOf(last) >= ANYTHING && classCount) {
    return "so large a change should leave no more than chance";
  }
  const isWide = epsilonOf(last) >= Math.max(VISIBLE, 2 * epsilonOf(first));
  if (!isWide || first.metric.value - value > MARGIN) return undefined;
  return "a larger epsilon should leave less";
}
