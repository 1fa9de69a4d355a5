/**
 * How the costs of defenses are called in a result, for who measures and for who shows them.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import type { DefenseSettings } from "@realign/core/defenses";

/** The name of the bench. */
export const DEFENSES = "defenses";

/** The groups of its result: times in milliseconds, peak memory in MiB. */
export const GROUPS = {
  step: "training step",
  image: "an image",
  training: "memory, training",
  restoring: "memory, restoring",
} as const;

/** What is told of a defense besides its figures, as `settings.defenses` of the result by name. */
export interface DefenseFacts {
  readonly title: string;
  /** Numbers that its training moves, a critic's left out. Absent where nothing is trained. */
  readonly parameters?: number;
  /** Images of a step of its training. */
  readonly batchSize?: number;
  /** Steps of its whole training; absent where the number of training images is not known. */
  readonly steps?: number;
  /** Images that it restores at a time. Absent where it restores none. */
  readonly images?: number;
  /** Options of a rival's recipe, or a chain of transformations. */
  readonly options?: Preset["recipe"] | readonly DefenseSettings[];
}
