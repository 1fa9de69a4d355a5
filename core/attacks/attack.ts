/**
 * What an attack is: settings, a victim, and images in and out.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import type { Random } from "../random.ts";
import type * as tf from "../tf.ts";

/** Per example, a number to ascend: `[B]`. `reference` is the output on clean images (for KL). */
export type Objective<O, L> = (output: O, labels: L, reference: O) => tf.Tensor1D;

/** How an attack is set. A field that an attack does not take is refused; `undefined` counts as absent. */
export interface AttackSettings {
  /** Which attack of the table: "fgsm", "bim", "pgd", "deepfool", "carlini-wagner-l2", ... */
  readonly name: string;
  /** Radius of the L-infinity ball, of pixels in `[0, 1]`; an exact decimal (.031 is not 8/255). */
  readonly epsilon: number;
  readonly stepSize?: number;
  readonly steps?: number;
  /** What a gradient attack ascends, a key of the task's objectives. @default {"cross-entropy"} */
  readonly objective?: string;
  /** @default {"uniform"} for pgd: uniform in the ball, clipped to [0, 1]; "normal" is TRADES' 0.001 N(0, 1). */
  readonly randomStart?: "none" | "uniform" | "normal";
  /** Independent starts; the strongest result of each example counts. @default {1} */
  readonly restarts?: number;
  /** The last iterate (the paper) or the one of the greatest objective. @default {"last"} */
  readonly return?: "last" | "best";
  /** Descend towards these labels' class instead of away from it. @default {false} */
  readonly targeted?: boolean;
  /** For attacks that have both: "linf" | "l2". @default {"linf"} */
  readonly norm?: "linf" | "l2";
  /** DeepFool: classes looked at; overshoot beyond the boundary. */
  readonly candidates?: number;
  readonly overshoot?: number;
  /** C&W: how far beyond the boundary an example is pushed. @default {50} in the ball, {0} for L2 */
  readonly confidence?: number;
  /** C&W L2, with `steps` in each search. */
  readonly binarySearchSteps?: number;
  readonly initialConstant?: number;
  readonly learningRate?: number;
  /** Of attacks that are made of others: what each of these runs with, epsilon apart. */
  readonly members?: readonly Omit<AttackSettings, "epsilon">[];
}

/** The differentiable model that an attack is given. It may hold a defense. */
export interface Victim<O extends tf.TensorContainer, L extends tf.TensorContainer> {
  readonly name: string;
  /** Differentiable in `images` `[B, H, W, 3]` in `[0, 1]`; inference mode. */
  forward(images: Images): O;
  readonly objectives: Readonly<Record<string, Objective<O, L>>>;
  /** `[B, K]`, see TaskAdapter.logits. */
  logits?(output: O): tf.Tensor2D;
  /** `[B]` int32, see TaskAdapter.classOf. */
  classOf?(labels: L): tf.Tensor1D;
}

/** An attack on one victim. Holds recorded steps; dispose it. */
export interface Attack<L> extends Disposable {
  readonly name: string;
  /** What it really runs with, defaults filled in. */
  readonly settings: AttackSettings;
  /**
   * Makes adversarial images.
   *
   * @param clean `[B, H, W, 3]` in `[0, 1]`; not disposed
   * @param labels As the task encodes them; not disposed
   * @param random Where random starts are drawn from
   * @returns Adversarial images of the same shape, owned by the caller: in `[0, 1]`, and within
   * `epsilon` of `clean` but for attacks whose norm says otherwise
   */
  perturb(clean: Images, labels: L, random: Random): Promise<Images>;
}

/**
 * Makes an attack for a victim of one task. Throws RangeError for settings that cannot work.
 *
 * The table holds every attack by name, for attacks that are made of others.
 */
export type TaskAttackFactory<O extends tf.TensorContainer, L extends tf.TensorContainer> = (
  settings: AttackSettings,
  victim: Victim<O, L>,
  table: Readonly<Record<string, TaskAttackFactory<O, L>>>,
) => Attack<L>;

/** Makes an attack for a victim of any task. Throws RangeError for settings that cannot work. */
export type AttackFactory = <O extends tf.TensorContainer, L extends tf.TensorContainer>(
  settings: AttackSettings,
  victim: Victim<O, L>,
  table: Readonly<Record<string, TaskAttackFactory<O, L>>>,
) => Attack<L>;
