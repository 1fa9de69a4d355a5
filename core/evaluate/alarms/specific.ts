/**
 * A sign of a defense that knows only the attacks on one network.
 *
 * @module
 */
import type { AlarmCheck } from "./alarm.ts";
import { attacksOn, isBelow, leastOf, MARGIN, percentText } from "./compare.ts";

/**
 * Raised where images made on a substitute do more damage than images made on O: what a defense has learnt to
 * undo is then specific to O. The paper's own figures show it (Table 12's are below Table 1's).
 */
export const specificToTarget: AlarmCheck = {
  sign: "images made on a substitute do more damage behind the defense than images made on O",
  remedy:
    "report the transfer figure beside the oblivious one, and train on attacks on several networks",
  find: ({ rows, systems }) =>
    systems.filter(({ defenses }) => defenses.length > 0).flatMap(({ name: system }) => {
      const attacks = attacksOn(rows, system);
      const onTarget = leastOf(attacks.filter(({ threatModel }) => threatModel === "oblivious"));
      const strongest = leastOf(attacks.filter(({ substitute }) => substitute !== undefined));
      if (!strongest || !onTarget || !isBelow(strongest, onTarget, MARGIN)) return [];
      const { substitute, threatModel } = strongest;
      const [transfer, oblivious] = [strongest.metric.value, onTarget.metric.value];
      return [{
        system,
        threatModel: "oblivious",
        text:
          `Attacks on ${substitute} (${threatModel}) leave ${
            percentText(transfer)
          } behind "${system}", attacks on O alone (oblivious) ${
            percentText(oblivious)
          }: who knows less does more damage. "${system}" undoes what is specific to attacks on O, so its ` +
          `oblivious figures do not hold for other attackers`,
        numbers: { transfer, oblivious, difference: oblivious - transfer },
      }];
    }),
};
