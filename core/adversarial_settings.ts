/**
 * The settings of a training of O on attacked images.
 *
 * @module
 */
import type { AttackSettings } from "./attack_settings.ts";

/**
 * Adversarial training of O: on images attacked in every step, or by replays (Free), which make weights and
 * perturbation move by one backward pass. On the command line `target.train.adversarial` takes a bundle of these by its
 * name, e.g. "trades", "pgd", "fast" or "free", on segmenters "sat" or "ddcat", on detectors "mtd", before every other setting, and "none" for plain training.
 */
export interface AdversarialTraining {
  /**
   * The attack on the O of this step, which runs in inference mode. Absent with `replays`. @default none
   * @origin Madry et al. 2018; Zhang et al. 2019
   */
  readonly attack?: AttackSettings;
  /**
   * How often each batch is trained on, while one perturbation, kept from batch to batch, ascends L_o by the same
   * backward pass (Free). Each replay counts as a step of the training. @default {0} @origin Shafahi et al. 2019
   */
  readonly replays?: number;
  /** Radius and step size of that perturbation, of pixels in [0, 1]. @default none @origin Shafahi et al. 2019 */
  readonly epsilon?: number;
  /** Share of a batch that is attacked, its last examples; the others stay clean. @default {1} @origin Xu et al. 2021 */
  readonly share?: number;
  /**
   * Share of the steps in which the attack's epsilon and step size grow from 0, in tenths of them, for a network that
   * learns nothing against the whole radius from the start. @default {0} @origin common practice in adversarial training
   */
  readonly ramp?: number;
  /**
   * What the weights minimise: "task", L_o of the batch, or "trades", L_o of the clean batch and `beta` times the mean
   * KL divergence of the output on attacked images from that on clean ones; tasks may have others, as segmentation has
   * "ddcat". @default {"task"} @origin Zhang et al. 2019
   */
  readonly loss?: string;
  /** trades: weight of the divergence; 1 to 3 for small networks. @default {6} @origin Zhang et al. 2019 */
  readonly beta?: number;
}

/** What a training of O begins with, and is attacked by. */
export interface TargetStart {
  /**
   * Safetensors file with the weights that O's training starts from: a finetuning. On the command line a run stands for
   * its O. @default random weights @origin section 4.4
   */
  readonly from?: string;
  /** Adversarial training of O. @default plain training, on clean images */
  readonly adversarial?: AdversarialTraining;
}
