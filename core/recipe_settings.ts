/**
 * The settings of a method that restores images in the paper's place.
 *
 * @module
 */

/** Which method restores images, and how it is trained; its own options stand beside. */
export interface RecipeSettings {
  /** "realign", the paper's own, or a rival of `realign recipes`. @origin section 4.4 */
  readonly name: string;
  /**
   * Whether a rival is trained as the preset says (epochs, batch, optimizer, attack, O), as the paper does it, or as
   * it was published. Either way the preset holds what runs. @default {"paper"} @origin section 4.4
   */
  readonly protocol?: "paper" | "original";
  /** Options of the rival; `undefined` counts as absent. */
  readonly [option: string]: unknown;
}
