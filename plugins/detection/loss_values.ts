/**
 * Bundles of loss settings: `--losses.values`.
 *
 * @module
 */
import { authorsValues, type LossValues, paperValues } from "@realign/core";

/** The paper's words and ours where it is silent, and the values of the authors' code for detection. */
export const lossValues = {
  paper: paperValues,
  authors: {
    ...authorsValues,
    losses: {
      ...authorsValues.losses,
      features: "cells",
      reconstructionFeatures: "map",
      weights: {
        ...authorsValues.losses.weights,
        task: 1,
        classAlign: 1,
        classInter: 0.05,
        classIntra: 0,
      },
    },
    // Boxes cannot be drawn without a choice of which covers which; their D sees images alone.
    discriminator: { condition: "none" },
  },
} as const satisfies Readonly<Record<string, LossValues>>;
