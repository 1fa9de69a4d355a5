/**
 * How the examples of an evaluation fared in the stages of an attack.
 *
 * @module
 */
import type { Survivors } from "../attacks/attack.ts";

/** Sums over batches; stages are those of the first one. */
export class StageTally {
  #stages: readonly Survivors[] = [];
  #count = 0;

  /** Adds a batch of `count` examples. */
  add(stages: readonly Survivors[], count: number): void {
    this.#stages = this.#count === 0 ? stages : this.#stages.map((stage, index) => ({
      ...stage,
      left: stage.left + stages[index].left,
    }));
    this.#count += count;
  }

  /** The stages, if they are of so many examples: kept images tell nothing of theirs. */
  of(count: number): readonly Survivors[] | undefined {
    return this.#count === count && this.#stages.length > 0 ? this.#stages : undefined;
  }
}
