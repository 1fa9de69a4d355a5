/**
 * The table of threat models: what an attacker knows, and so what is attacked in a system's stead.
 *
 * @module
 */
import type { System } from "./system.ts";
import { victimRefusal } from "./victim.ts";

/** What an attack is made on. */
export type Attacked<O> = Pick<System<O>, "target" | "defense">;

/** An entry of the table of threat models. */
export interface ThreatModel {
  readonly title: string;
  /** What the attacker knows, for reports. */
  readonly text: string;
  /** What is attacked so that the system fails. Systems with the same answer are measured on the same images. */
  attackedFor<O>(system: System<O>): Attacked<O>;
  /** Why a system cannot be attacked, in an error's words; undefined where it can. */
  refusal<O>(system: System<O>): string | undefined;
}

/** Every threat model by the name that rows carry. Clean images have none: "none". */
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
