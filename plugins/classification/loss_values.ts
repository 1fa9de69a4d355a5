/**
 * Bundles of loss settings: `--losses.values`.
 *
 * @module
 */
import { authorsValues, type LossValues, paperValues } from "@realign/core";

/** The paper's words and ours where it is silent, and the values of the authors' code for classification. */
export const lossValues = {
  paper: paperValues,
  authors: {
    ...authorsValues,
    losses: { ...authorsValues.losses, features: "logits" },
  },
} as const satisfies Readonly<Record<string, LossValues>>;
