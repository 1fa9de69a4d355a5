/**
 * The settings of a training against an attacker who knows G.
 *
 * @module
 */
import type { AttackSettings } from "./attack_settings.ts";
import type { LossSettings } from "./loss_settings.ts";

/** A training of G against O alone, before the training itself. */
export interface StartTraining {
  /**
   * Its passes over the training split; 0 for none. @default as many as those of `train`, where its adversary is
   * "system" or "both", else 0 @origin ours
   */
  readonly epochs: number;
  /** What it minimises, e.g. the paper's losses. @default those of the training itself @origin ours */
  readonly losses?: LossSettings;
}

/**
 * Measures G on held-out images after every epoch, clean and attacked through G, keeps the weights of the best epoch, and
 * ends the training where the attacked figure has fallen by more than `drop`: catastrophic overfitting. Needs
 * `attackCache` 0.
 */
export interface GuardSettings {
  /** Examples of the training split, chosen by the seed, that are left out of training. @origin ours */
  readonly examples: number;
  /** The attack through G. @origin common practice in adversarial training */
  readonly attack: AttackSettings;
  /** How far the task's metric may fall below its best. @default {0.1} @origin ours */
  readonly drop?: number;
}
