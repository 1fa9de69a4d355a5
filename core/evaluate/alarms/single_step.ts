/**
 * A sign of a bent loss surface: many steps find less than one.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { type AttackRow, findByDirectAttacker } from "./attacker_rows.ts";
import { isBelow, LEAST_MARGIN, leastOf, percentText } from "./compare.ts";

const stepsOf = ({ settings: { name, steps } }: AttackRow) => name === "fgsm" ? 1 : Number(steps);

/** Raised where a single step does more damage than every iterative attack of the same epsilon. */
export const singleStepBeatsIterative: AlarmCheck = {
  sign: "an attack of one step does more damage than those of many steps with the same epsilon",
  remedy: "the gradient at the image misleads: more restarts, another loss, smaller steps",
  find: (evidence) =>
    findByDirectAttacker(
      evidence,
      (rows) =>
        [...Map.groupBy(rows, ({ settings }) => settings.epsilon).values()].flatMap((group) => {
          const single = leastOf(group.filter((row) => stepsOf(row) === 1));
          const iterative = leastOf(group.filter((row) => stepsOf(row) > 1));
          if (!single || !iterative || !isBelow(single, iterative, LEAST_MARGIN)) return [];
          const [one, many] = [single.metric.value, iterative.metric.value];
          return [{
            text:
              `One step (${single.attack}) leaves ${
                percentText(one)
              }, many steps (${iterative.attack}) leave ${
                percentText(many)
              }: with the same epsilon they should leave no more. The loss is ` +
              "likely bent around the images, so the figures are too high",
            numbers: { single: one, iterative: many, difference: many - one },
          }];
        }),
    ),
};
