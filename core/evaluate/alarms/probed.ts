/**
 * Alarms that are raised from a probe's numbers.
 *
 * @module
 */
import type { Evidence } from "./alarm.ts";
import type { Finding } from "./finding.ts";
import { attacksOn } from "./compare.ts";

/** What is wrong, in words, and the numbers that say so. */
export type Judgement = Pick<Finding, "text" | "numbers">;

/** A probe's number by name; 0 if it was not measured, which raises nothing. */
export type NumberOf = (name: string) => number;

/** What an alarm of a probe concerns: attacks by the system's own gradient, or every attack. */
export type Concern = "gradient" | "all";

/**
 * Asks about every system that was probed.
 *
 * @param evidence Of an evaluation
 * @param concern Of "gradient", the figures of whitebox attacks are concerned where there are any
 * @param judge From a probe's numbers and the system's name in quotes, to what is wrong
 */
export function findByProbe(
  { rows, probes = [] }: Evidence,
  concern: Concern,
  judge: (of: NumberOf, name: string) => Judgement | undefined,
): Finding[] {
  return probes.flatMap(({ system, examples, numbers }): Finding[] => {
    const judged = judge((name) => numbers[name] ?? 0, `"${system}"`);
    if (!judged) return [];
    const isThrough = attacksOn(rows, system).some(({ threatModel }) => threatModel === "whitebox");
    return [{
      system,
      ...(concern === "gradient" && isThrough && { threatModel: "whitebox" }),
      text: judged.text,
      numbers: { ...judged.numbers, examples },
    }];
  });
}
