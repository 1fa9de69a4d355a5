/**
 * A target model behind a defense.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { TargetModel } from "../task.ts";
import type { Defense } from "./defense.ts";

/**
 * How a target model answers to restored images: it resizes them to its own size, unless the defense has changed theirs.
 *
 * @param system The target model; the defense before it, if there is one
 * @returns The forward pass of restored images
 * @throws {RangeError} If the defense changes the size and the target model takes one size only
 *
 * @example Usage
 * ```ts
 * import { answerBehind } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const target = { name: "two sizes", forward: () => "own", unresized: () => "as given" };
 * const defense = { name: "larger", changesSize: true };
 * const images = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);
 * assert.equal(answerBehind({ target })(images), "own");
 * assert.equal(answerBehind({ target, defense })(images), "as given");
 * ```
 */
export function answerBehind<O>({ target, defense }: {
  readonly target: Pick<TargetModel<O>, "name" | "forward" | "unresized">;
  readonly defense?: Pick<Defense, "name" | "changesSize">;
}): (images: Images) => O {
  if (!defense?.changesSize) return (images) => target.forward(images);
  if (target.unresized) return (images) => target.unresized!(images);
  throw new RangeError(
    `Cannot put "${target.name}" behind "${defense.name}" as that changes the size of images, and it takes one size only: ` +
      "choose a defense that keeps it",
  );
}
