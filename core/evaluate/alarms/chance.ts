/**
 * A sign that a network gets images that it was not made for.
 *
 * @module
 */
import { UNDEFENDED } from "../system.ts";
import type { AlarmCheck } from "./alarm.ts";
import { cleanOf, percentText } from "./compare.ts";

/**
 * Raised for a given target model that may be no better than chance: its images, or the order of their
 * classes, are likely not those that it was trained on. Tasks without an interval are left alone.
 */
export const targetAtChance: AlarmCheck = {
  sign: "a given O may be no better than chance on clean images",
  remedy:
    "check its weights, the size and normalisation of its images, and the order of its classes",
  find({ rows, classCount, isTargetGiven = false }) {
    const { interval, value, name, count } = cleanOf(rows, UNDEFENDED)?.metric ?? {};
    if (!isTargetGiven || !classCount || !interval || interval[0] > 1 / classCount) return [];
    return [{
      system: UNDEFENDED,
      threatModel: "none",
      text:
        `O alone has ${name} ${
          percentText(value!)
        } on ${count} clean images, perhaps no better than chance ` +
        `among ${classCount} classes: check its weights, the size and normalisation of its images, and that the ` +
        "names of its classes sort in the order of its outputs",
      numbers: { clean: value!, chance: 1 / classCount },
    }];
  },
};
