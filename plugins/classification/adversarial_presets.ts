/**
 * Classification presets whose O is trained adversarially: as published, and small ones for two cores.
 *
 * @module
 */
import {
  adversarialPreset,
  type AdversarialTraining,
  adversarialTrainings,
  type Preset,
  sgd,
  type TargetTraining,
} from "@realign/core";

const { trades, free } = adversarialTrainings;

/** TRADES with three longer steps, a smaller weight and a radius that grows, which small networks bear. */
const smallTrades: AdversarialTraining = {
  ...trades,
  attack: { ...trades.attack!, stepSize: 0.0155, steps: 3 },
  ramp: 0.5,
  beta: 3,
};

/** Of the adversarially trained WideResNets: a tenth of the rate after shares of the steps, no Nesterov. */
const droppingBy = (...drops: readonly number[]): Partial<TargetTraining> => ({
  schedule: { name: "multi-step", peak: 0.1, warmup: 0, drops },
  optimizer: { ...sgd, weightDecay: 2e-4 },
});

/**
 * The presets, by name.
 *
 * @param presets Those that they are made from
 * @returns TRADES in 76 epochs, of which two at a tenth of the rate, before robust overfitting; Free in 80,000 updates,
 * which cost as much as 205 epochs and see each picture in 26; and small ones with TRADES
 *
 * @example Usage
 * ```ts
 * import { presets } from "@realign/classification";
 * import assert from "node:assert/strict";
 *
 * assert.equal(presets["cls-cifar10-trades"].target.train.epochs, 76);
 * ```
 */
export function adversarialPresets(
  { shapes, cifar10, cifar10Small }: {
    readonly shapes: Preset;
    readonly cifar10: Preset;
    readonly cifar10Small: Preset;
  },
): Record<string, Preset> {
  const made = [
    adversarialPreset(shapes, "trades", { adversarial: smallTrades }),
    adversarialPreset(cifar10, "trades", {
      adversarial: trades,
      epochs: 76,
      ...droppingBy(74 / 76),
    }),
    adversarialPreset(cifar10, "free", {
      adversarial: free,
      epochs: 205,
      ...droppingBy(1 / 2, 3 / 4),
    }),
    adversarialPreset(
      { ...cifar10Small, dataset: { ...cifar10Small.dataset, trainExamples: 20_000 } },
      "trades",
      { adversarial: smallTrades, epochs: 20 },
    ),
  ];
  return Object.fromEntries(made.map((preset) => [preset.name, preset]));
}
