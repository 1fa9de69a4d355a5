/**
 * Bundles of loss settings: `--losses.values`.
 *
 * @module
 */
import { authorsValues, type LossValues, paperValues } from "@realign/core";

/** The paper's words and ours where it is silent, and the values of the authors' code for segmentation. */
export const lossValues = {
  paper: paperValues,
  authors: {
    ...authorsValues,
    losses: {
      ...authorsValues.losses,
      features: "logits",
      ignored: "class",
      intraReduction: "rows",
    },
  },
} as const satisfies Readonly<Record<string, LossValues>>;
