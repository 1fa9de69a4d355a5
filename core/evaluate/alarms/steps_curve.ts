/**
 * A sign of an attack that has not converged: more steps still find more.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import {
  type AttackRow,
  findByDirectAttacker,
  groupsWithout,
  withCurves,
} from "./attacker_rows.ts";
import { isBelow, MARGIN, percentText } from "./compare.ts";

/** Fewer steps are known to be few. */
const FEW = 20;

const stepsOf = ({ settings: { steps } }: AttackRow) => Number(steps);

/** Raised where the last increase of an attack's steps still costs more than a point. */
export const stepsNotConverged: AlarmCheck = {
  sign: "the same attack with more steps (from 20 on) still leaves more than 1 point less",
  remedy: "raise steps until the figure stands still, and report that one",
  find: (evidence) =>
    findByDirectAttacker(
      withCurves(evidence),
      (rows, system) =>
        groupsWithout(rows, ["steps", "stepSize", "restarts"]).flatMap((group) => {
          const [few, many] = group.filter((row) => stepsOf(row) >= FEW)
            .toSorted((a, b) => stepsOf(a) - stepsOf(b)).slice(-2);
          if (!few || !many || stepsOf(few) === stepsOf(many)) return [];
          if (!isBelow(many, few, MARGIN)) return [];
          const [fewer, more] = [few.metric.value, many.metric.value];
          return [{
            text: `${stepsOf(few)} steps (${few.attack}) leave ${
              percentText(fewer)
            } of "${system}", ${stepsOf(many)} (${many.attack}) ${
              percentText(more)
            }: the attack has not converged, so still more steps may leave less`,
            numbers: {
              fewerSteps: stepsOf(few),
              moreSteps: stepsOf(many),
              atFewer: fewer,
              atMore: more,
            },
          }];
        }),
    ),
};
