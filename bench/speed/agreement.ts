/**
 * Whether both sides compute the same, before anything is timed.
 *
 * @module
 */
import type { HostTensor } from "@realign/core";

/** Named values of a step. */
export type Terms = Readonly<Record<string, number>>;

/** How near the terms of two sides were. */
export interface TermsAgreement {
  /** By step, the greatest relative difference of a term, and its name. */
  readonly steps: readonly { readonly term: string; readonly difference: number }[];
  /** What the first step was allowed, and what later ones. */
  readonly tolerance: readonly [number, number];
}

/** Losses at the same weights differ by rounding alone. */
const FIRST = 1e-4;
/** Adam turns rounding errors of small gradients into moves of full size. */
const LATER = 2e-2;

/**
 * Compares loss terms step by step.
 *
 * @param peer Named in errors
 * @param ours Terms of our steps
 * @param theirs Terms of theirs, from the same weights on
 * @param tolerance What the first step is allowed, and what later ones: as for float32 by default
 * @throws {Error} If a term is missing or differs by more than it may
 */
export function compareTerms(
  peer: string,
  ours: readonly Terms[],
  theirs: readonly Terms[],
  tolerance: TermsAgreement["tolerance"] = [FIRST, LATER],
): TermsAgreement {
  const steps = ours.map((terms, step) => {
    const allowed = tolerance[Math.min(step, 1)];
    let worst = { term: "", difference: -1 };
    for (const [term, value] of Object.entries(terms)) {
      const other = theirs[step]?.[term];
      // A term near 0 counts by what it adds.
      const difference = Math.abs(value - other) / Math.max(1e-2, Math.abs(other));
      if (!(difference <= allowed)) {
        throw new Error(
          `Cannot compare with ${peer} as "${term}" of step ${step} must be ${other} within ${allowed}: ours is ${value}`,
        );
      }
      if (difference > worst.difference) worst = { term, difference };
    }
    return worst;
  });
  return { steps, tolerance };
}

/** What an attack left of O's accuracy on all images. */
export interface Robustness {
  readonly value: number;
  /** Greatest change of a pixel. */
  readonly perturbation: number;
  /** Mean cross-entropy of what the attack made of the images it was given. */
  readonly loss: number;
  readonly seconds: number;
}

/**
 * Compares what attacks of the same settings left.
 *
 * @param peer Named in errors
 * @param ours Of our attack
 * @param theirs Of theirs
 * @param limits Most difference of the accuracies, and the ball that none may leave
 * @throws {Error} If they differ by more, or one left the ball
 */
export function compareRobustness(
  peer: string,
  ours: Pick<Robustness, "value" | "perturbation">,
  theirs: Pick<Robustness, "value" | "perturbation">,
  limits: { readonly tolerance: number; readonly epsilon: number },
): void {
  const { tolerance, epsilon } = limits;
  const widest = Math.max(ours.perturbation, theirs.perturbation);
  if (!(widest <= epsilon + 1e-5)) {
    throw new Error(
      `Cannot compare with ${peer} as an attack of epsilon ${epsilon} moved a pixel by ${widest}`,
    );
  }
  if (!(Math.abs(ours.value - theirs.value) <= tolerance)) {
    throw new Error(
      `Cannot compare with ${peer} as the accuracy under attack must be ${theirs.value} within ${tolerance}: ours is ${ours.value}`,
    );
  }
}

const TENSOR_TOLERANCE = 1e-4;
/** A unit within rounding of its ReLU's corner may have another slope on either side, and there are millions. */
const GRADIENT_TOLERANCE = 2e-2;

/**
 * Compares tensors by name: the length of their difference as a share of theirs.
 *
 * @param peer Named in errors
 * @param ours By name
 * @param theirs By name; whatever else they have is left alone
 * @returns The difference of each
 * @throws {Error} If a tensor is missing, of another size, or differs by more than it may
 */
export function compareTensors(
  peer: string,
  ours: ReadonlyMap<string, HostTensor>,
  theirs: ReadonlyMap<string, HostTensor>,
): Record<string, number> {
  const differences: Record<string, number> = {};
  for (const [name, { data }] of ours) {
    const other = theirs.get(name)?.data;
    if (other?.length !== data.length) {
      throw new Error(
        `Cannot compare with ${peer} as "${name}" must have ${other?.length} numbers: ours has ${data.length}`,
      );
    }
    const tolerance = name === "gradient" ? GRADIENT_TOLERANCE : TENSOR_TOLERANCE;
    let [difference, length] = [0, 0];
    for (const [place, value] of other.entries()) {
      difference += (value - data[place]) ** 2;
      length += value ** 2;
    }
    const share = Math.sqrt(difference / Math.max(length, Number.MIN_VALUE));
    if (!(share <= tolerance)) {
      throw new Error(
        `Cannot compare with ${peer} as "${name}" must match theirs within ${tolerance} of its length: it differs by ${share}`,
      );
    }
    differences[name] = share;
  }
  return differences;
}
