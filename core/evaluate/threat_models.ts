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
  /** Whether the attacker can only ask it, and sees no gradient. */
  readonly queriesOnly?: true;
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
  /** Why no attacks of it can be made, where none can. */
  readonly refusal?: string;
}

/** The threat model of images that others made. */
export const SUBMITTED = "submitted";

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
  "black-box": {
    title: "Black-box attacker",
    text:
      "Knows nothing of the system but its answers: images are sent through the defense to O, as often as the " +
      "attack needs, and scores or decisions come back; there is no gradient. Random defenses, and those " +
      "without a gradient, are attacked like any other. The paper reports no such figures: what it calls " +
      "black-box is the transfer attacker here.",
    attackedFor: ({ target, defense }) => [
      { target, ...(defense && { defense }), queriesOnly: true },
    ],
  },
  whitebox: {
    title: "Whitebox attacker",
    text: "Also knows the defense: gradients are taken through the defense, the resizing and O. " +
      "Where a defense has no gradient of its own, it is approximated (BPDA); where it is random, gradients " +
      "are means over many draws (EOT). The paper reports no such figures.",
    attackedFor: ({ target, defense }) => [{ target, ...(defense && { defense }) }],
  },
  [SUBMITTED]: {
    title: "Submitted images",
    text:
      "Made by others, who may know everything: images were handed in, found to be within epsilon of the clean ones, " +
      "and go to O and through every defense. An example without one keeps its clean image, so that what is handed in " +
      "can lower a figure only.",
    attackedFor: () => [],
    refusal:
      `Cannot make attacks of the threat model "${SUBMITTED}" as its images come from elsewhere: hand them in with --submit FILE`,
  },
};
