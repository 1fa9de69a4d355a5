/**
 * The rounds of attacks that look for the nearest adversarial images by a trade-off.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import * as tf from "../tf.ts";
import { TradeOffSearch } from "./trade_off_search.ts";

/** The nearest adversarial images so far; others than adversarial ones where there is none yet. */
export interface Nearest extends tf.TensorContainerObject {
  readonly images: Images;
  /** `[B]`, Infinity where there is none. */
  readonly distance: tf.Tensor1D;
  /** `[B]` bool, whether this inner search found one. */
  readonly found: tf.Tensor1D;
}

/** How many constants are tried, and the first of them. */
export interface TradeOffSettings {
  readonly initialConstant: number;
  readonly binarySearchSteps: number;
}

/** An inner search with constants `[B]`, which are borrowed; it takes ownership of what was found before. */
export type Descend = (
  constants: tf.Tensor1D,
  before: Nearest,
  round: number,
) => Promise<Nearest>;

/**
 * Searches with the constants of a {@linkcode TradeOffSearch}, round by round.
 *
 * @param clean Where the search begins
 * @param settings Of the constants
 * @param descend One inner search
 * @returns What was found, to be disposed
 */
export async function searchNearest(
  clean: Images,
  { initialConstant, binarySearchSteps }: TradeOffSettings,
  descend: Descend,
): Promise<Nearest> {
  const [batch] = clean.shape;
  const search = new TradeOffSearch(batch, initialConstant, binarySearchSteps);
  let nearest: Nearest = {
    images: tf.clone(clean),
    distance: tf.fill([batch], Infinity),
    found: tf.zeros([batch], "bool"),
  };
  try {
    let round = 0;
    for (const values of search) {
      nearest.found.dispose();
      const found = tf.zeros<tf.Rank.R1>([batch], "bool");
      const constants = tf.tensor1d([...values]);
      nearest = await descend(constants, { ...nearest, found }, round++)
        .finally(() => constants.dispose());
      search.report(await nearest.found.data());
    }
    return nearest;
  } catch (error) {
    tf.dispose(nearest);
    throw error;
  }
}
