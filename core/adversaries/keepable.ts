/**
 * Which adversarial images a cache can keep.
 *
 * @module
 */
import type { Attack } from "../attacks/attack.ts";

/**
 * Fails where perturbations cannot be kept in levels of epsilon / 127: an L2 ball's epsilon is the length of
 * the whole perturbation, of which a pixel's share would be rounded to few levels.
 *
 * @param attack Whose images are to be kept
 * @throws {RangeError} If its ball has no radius that can be divided into levels
 */
export function assertKeepable({ settings, norm }: Pick<Attack<never>, "settings" | "norm">): void {
  const { name, epsilon } = settings;
  const fail = (reason: string): never => {
    throw new RangeError(`Cannot cache adversarial images of "${name}" as ${reason}`);
  };
  if (!(Number.isFinite(epsilon) && epsilon > 0)) {
    fail(`epsilon must be a finite number above 0: current value is ${epsilon}`);
  }
  if (norm === "l2") {
    fail(
      "its ball is that of the L2 norm, and a pixel's share of epsilon too small: make them in every step (train.attackCache 0)",
    );
  }
}
