/**
 * A sign that the cross-entropy is masked: a loss of differences of logits finds far more.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { type AttackRow, findByDirectAttacker } from "./attacker_rows.ts";
import { isBelow, leastOf, percentText } from "./compare.ts";

/** In `[0, 1]`: RobustBench's submissions with such a gap fell under attacks of another loss (5 points). */
const GAP = 0.05;

const named = (rows: readonly AttackRow[], name: string) =>
  leastOf(rows.filter(({ settings }) => settings.name === name));

/** Raised where targeted APGD leaves far less than APGD on the cross-entropy. */
export const maskedCrossEntropy: AlarmCheck = {
  sign: "apgd-t leaves more than 5 points less than apgd-ce",
  remedy:
    "trust attacks on differences of logits (apgd-t, apgd-dlr, pgd-cw), not those on the cross-entropy",
  find: (evidence) =>
    findByDirectAttacker(
      evidence,
      (rows, system) =>
        [...Map.groupBy(rows, ({ settings }) => settings.epsilon).values()].flatMap((group) => {
          const [ce, targeted] = [named(group, "apgd-ce"), named(group, "apgd-t")];
          if (!ce || !targeted || !isBelow(targeted, ce, GAP)) return [];
          const [crossEntropy, differences] = [ce.metric.value, targeted.metric.value];
          return [{
            text: `apgd-ce leaves ${percentText(crossEntropy)} of "${system}", apgd-t ${
              percentText(differences)
            }: the gradient of the cross-entropy is masked, so figures of attacks on it are too high`,
            numbers: {
              crossEntropy,
              targeted: differences,
              difference: crossEntropy - differences,
            },
          }];
        }),
    ),
};
