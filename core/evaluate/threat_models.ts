/**
 * The table of threat models: what an attacker knows, and therefore which model is attacked.
 *
 * @module
 */
import type { TargetModel } from "../task.ts";
import type { System } from "./system.ts";

/** A model that attacks are made on in place of O. */
export interface Substitute<O> {
  /** As in `evaluation.substitutes`. */
  readonly name: string;
  readonly target: TargetModel<O>;
}

/** The model that an attack is made on. */
export interface Attacked<O> extends Pick<System<O>, "target" | "defense"> {
  /** Its name, if it is a substitute. */
  readonly substitute?: string;
}

/** An entry in the table of threat models. */
export interface ThreatModel {
  readonly title: string;
  /** What the attacker knows, for reports. */
  readonly text: string;
  /** Whether attacks are made on substitutes: one set of images each. */
  readonly bySubstitutes?: true;
  /** The models that are attacked for a system. Systems with the same one are evaluated on the same images. */
  attackedFor<O>(system: System<O>, substitutes: readonly Substitute<O>[]): readonly Attacked<O>[];
}

/** All threat models by the name used in rows. Clean images have "none". */
export const THREAT_MODELS: Readonly<Record<string, ThreatModel>> = {
  oblivious: {
    title: "Oblivious attacker",
    text: "Knows the target network O but not the defense: adversarial images are generated " +
      "against O alone (or a row's own O') and then pass through the defense. This is what the paper's tables " +
      "report, where it is called white-box. It does not measure robustness against an attacker who " +
      "knows the defense.",
    attackedFor: ({ target }) => [{ target }],
  },
  transfer: {
    title: "Transfer attacker",
    text:
      "Knows neither the target network O nor the defense, but has a substitute: another network, trained " +
      "for the same task. Adversarial images are generated against the substitute alone, never asking O, and " +
      "the same images then go to O and through every defense. The paper calls this black-box. It does not " +
      "measure robustness against an attacker who can query O.",
    bySubstitutes: true,
    attackedFor: (_system, substitutes) =>
      substitutes.map(({ name, target }) => ({ target, substitute: name })),
  },
  whitebox: {
    title: "Whitebox attacker",
    text: "Also knows the defense: gradients are taken through the defense, the resizing and O. " +
      "Where a defense has no gradient of its own, it is approximated (BPDA); where it is random, gradients " +
      "are means over many draws (EOT). The paper reports no such figures.",
    attackedFor: ({ target, defense }) => [{ target, ...(defense && { defense }) }],
  },
};
