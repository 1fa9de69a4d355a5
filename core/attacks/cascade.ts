/**
 * Attacks in turn, each on what all before it left right.
 *
 * @module
 */
import { HeldTensors } from "../held_tensors.ts";
import type * as tf from "../tf.ts";
import type { Attack, Perturber, Survivors } from "./attack.ts";
import { requireDecisions, shareWrong } from "./decisions.ts";
import { MAJORITY, meanForward, Strengths } from "./many_draws.ts";
import { disposeMembers, sharedNorm } from "./members.ts";
import { margin } from "./objectives.ts";
import { RemainingExamples } from "./remaining.ts";
import type { Victim } from "./victim.ts";

/** How the examples of a batch fared. */
interface Fates {
  readonly stages: readonly Omit<Survivors, "left">[];
  /** The stage to which each example fell; the number of stages where it stands. */
  readonly fell: readonly number[];
}

/**
 * Combines attacks into one that gives each of them only the examples which the victim still has right,
 * moved to the front of a smaller batch unless its answers follow places. Images are those that fooled the victim first, or
 * the clean ones.
 *
 * A random victim is judged by the majority of `JUDGED_DRAWS` draws (10). There an example is attacked whatever the
 * victim makes of its clean image, and keeps the images that fool it in most draws; where none differ, those with the
 * greatest mean margin.
 *
 * @param name Of the whole
 * @param victim Decides what is right
 * @param attacks In turn; disposed with the whole
 * @param leastClasses How many classes an attack needs, by its name; it is left out where there are fewer
 * @returns The attack
 * @throws {RangeError} If the victim has no logits
 */
export function cascadeOf<O extends tf.TensorContainer, L extends tf.TensorContainer>(
  name: string,
  victim: Victim<O, L>,
  attacks: readonly Attack<L>[],
  leastClasses: Readonly<Record<string, number>> = {},
): Perturber<L> {
  const deciding = requireDecisions(victim, name);
  const judge = meanForward(victim, (output: O, { labels }: { labels: L }) => {
    const scores = deciding.logits(output);
    return {
      scores,
      success: shareWrong(deciding, scores, labels),
      gain: margin(scores, deciding.classOf(labels)),
    };
  }, `${name}: judge`);
  let latest: Fates | undefined;

  return {
    members: attacks,
    ...sharedNorm(attacks),
    async perturb(clean, labels, random) {
      using held = new HeldTensors();
      const judged = held.keep(await judge(clean, { labels }, random.fork("clean")));
      const { scores, ...before } = judged;
      const outOf = lackOf(scores.shape[1], leastClasses);
      const stages = [
        { stage: "clean" },
        ...attacks.map(({ name }) => ({ stage: name, ...outOf(name) })),
      ];
      const [success, gain] = [await before.success.data(), await before.gain.data()];
      const fell = Array.from(success, (share) => share > MAJORITY ? 0 : stages.length);
      const strengths = new Strengths(fell.length);
      fell.forEach((_, row) => strengths.take(row, success[row], gain[row]));
      using remaining = new RemainingExamples(
        clean,
        (row) => victim.random || fell[row] !== 0,
        victim.positional,
      );
      for (const [index, attack] of attacks.entries()) {
        if (remaining.rows.length === 0) break;
        if (outOf(attack.name)) continue;
        const stream = random.fork("member", index);
        const fallen = await remaining.attack({ clean, labels }, async (part, stage, rows) => {
          const images = stage.keep(await attack.perturb(part.clean, part.labels, stream));
          const judged = stage.keep(await judge(images, part, random.fork("judge", index)));
          const [success, gain] = [await judged.success.data(), await judged.gain.data()];
          return {
            images,
            isFallen: (place) => success[place] > MAJORITY,
            ...victim.random && {
              isTaken: (place) => strengths.take(rows[place], success[place], gain[place]),
            },
          };
        });
        for (const row of fallen) fell[row] = Math.min(fell[row], index + 1);
      }
      latest = { stages, fell };
      return remaining.images();
    },
    survivors(count) {
      const fell = latest?.fell.slice(0, count) ?? [];
      return (latest?.stages ?? []).map((stage, index) => ({
        ...stage,
        left: fell.filter((at) => at > index).length,
      }));
    },
    [Symbol.dispose]() {
      disposeMembers(attacks);
      judge[Symbol.dispose]();
    },
  };
}

/** From an attack's name to why it is left out, where the victim has too few classes for it. */
function lackOf(classes: number, leastClasses: Readonly<Record<string, number>>) {
  return (name: string): { leftOut: string } | undefined => {
    const least = leastClasses[name] ?? 0;
    return classes < least
      ? { leftOut: `needs ${least} classes, and there are ${classes}` }
      : undefined;
  };
}
