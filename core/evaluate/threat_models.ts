/**
 * The table of threat models: what an attacker knows, and therefore which model is attacked.
 *
 * @module
 */
import type { System } from "./system.ts";
import { victimRefusal } from "./victim.ts";

/** The model that an attack is made on. */
export type Attacked<O> = Pick<System<O>, "target" | "defense">;

/** An entry in the table of threat models. */
export interface ThreatModel {
  readonly title: string;
  /** What the attacker knows, for reports. */
  readonly text: string;
  /** The model that is attacked for a system. Systems with the same one are evaluated on the same images. */
  attackedFor<O>(system: System<O>): Attacked<O>;
  /** Error message if a system cannot be attacked; undefined if it can. */
  refusal<O>(system: System<O>): string | undefined;
}

/** All threat models by the name used in rows. Clean images have "none". */
export const THREAT_MODELS: Readonly<Record<string, ThreatModel>> = {
  oblivious: {
    title: "Oblivious attacker",
    text: "Knows the target network O but not the defense: adversarial images are generated " +
      "against O alone (or a row's own O') and then pass through the defense. This is what the paper's tables " +
      "report, where it is called white-box. It does not measure robustness against an attacker who " +
      "knows the defense.",
    attackedFor: ({ target }) => ({ target }),
    refusal: () => undefined,
  },
  whitebox: {
    title: "Whitebox attacker",
    text: "Also knows the defense: gradients are taken through the defense, the resizing and O. " +
      "Where a defense has no gradient of its own, it is approximated (BPDA). The paper reports " +
      "no such figures.",
    attackedFor: ({ target, defense }) => ({ target, ...(defense && { defense }) }),
    refusal: ({ defense }) => victimRefusal(defense),
  },
};
