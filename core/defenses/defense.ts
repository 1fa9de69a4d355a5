/**
 * What a defense is: something that changes images before the target model sees them.
 *
 * @module
 */
import type { Images } from "../dataset.ts";

/** Restores images. */
export interface Defense {
  readonly name: string;
  /**
   * Restores a batch.
   *
   * @param images `[B, H, W, 3]` in `[0, 1]`; not disposed
   * @returns Images of the same shape in `[0, 1]`, owned by the caller
   */
  restore(images: Images): Promise<Images>;
  /** The same as one differentiable function; absent where there is no exact gradient (JPEG). */
  readonly differentiable?: (images: Images) => Images;
  /** Whether two calls may differ. */
  readonly random: boolean;
}
