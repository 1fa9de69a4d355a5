/**
 * A preset: all settings of a run, as one plain object.
 *
 * @module
 */
import type { ChannelNormalization } from "./images.ts";

/** Settings of an attack: its name, its radius, and its own options. */
export interface AttackSettings {
  /** Which attack of the table: "fgsm", "bim", "pgd", "deepfool", "carlini-wagner", ... */
  readonly name: string;
  /** Radius of the ball, of pixels in `[0, 1]`; exactly as given (.031 is not 8/255). */
  readonly epsilon: number;
  /** Options of the attack; `undefined` counts as absent. */
  readonly [option: string]: unknown;
}

/** A defense's name in the table, and its options. */
export interface DefenseSettings {
  /** "identity", "generator", "jpeg", "random-resize-pad", ... */
  readonly name: string;
  readonly [option: string]: unknown;
}

/** The target of x̂^a in Eq. 1 and 2. The paper prints x^a and describes x̂^c; see ARCHITECTURE.md. */
export type PixelTarget =
  /** x̂^c, as in section 3.1, Fig. 3 and A.3. */
  | "intermediate"
  /** x^a, as printed in Eq. 1 and 2. */
  | "adversarial"
  /** x^c, the traditional constraint (L_T). */
  | "clean";

/** The rows of Table 1. */
export type LossSetting = "full" | "L_I" | "L_F" | "L_I+F" | "L_T" | "L_T+F";

/** One weight for each term of L_g (Eq. 9 and 10); 0 skips the term. */
export interface LossWeights {
  /** λ4, L_r of Eq. 1. */
  readonly reconstruction: number;
  /** λ5, L_p of Eq. 2. */
  readonly perceptual: number;
  /** λ6, L_GANg of Eq. 3. */
  readonly adversarial: number;
  /** λ7, L_m of Eq. 4. */
  readonly featureMatching: number;
  /** λ8, L_Feat of Eq. 5 (Eq. 10 calls it L_Ftask). */
  readonly task: number;
  /** λ9, L_Frec of Eq. 6. */
  readonly featureReconstruction: number;
  /** λ1, L_Falign of Eq. 7. */
  readonly classAlign: number;
  /** λ2, L_Finter of Eq. 8. */
  readonly classInter: number;
  /** λ3, L_Fintra of Eq. 8. */
  readonly classIntra: number;
}

/** The terms whose gradient does not flow into x̂^c as a pixel target. */
export type StopGradient =
  /** Into neither: both L_r and L_p pull x̂^c to x̂^a too. */
  | "none"
  /** Of L_p alone: the authors' code. */
  | "perceptual"
  /** Of L_r and L_p: ours. */
  | "all";

/** Settings of the losses. */
export interface LossSettings {
  readonly setting: LossSetting;
  readonly pixelTarget: PixelTarget;
  /** Terms whose gradient does not flow into the pixel target ("intermediate" only). The paper is silent. */
  readonly stopGradient: StopGradient;
  /**
   * ‖·‖ of Eq. 1 and 2, which the paper leaves open. "absolute" has the same gradient for a small difference
   * as for a large one, so pulling x̂^a to x̂^c keeps G from learning detail; "squared" does not.
   */
  readonly pixelDistance: "absolute" | "squared";
  readonly weights: LossWeights;
  /** M of Eq. 8, in the units of the mean absolute difference between class centres. */
  readonly margin: number;
  /** Eq. 8's inter-class term: hinge max(0, M - d), or literal M - d, unbounded below. */
  readonly interClass: "hinge" | "literal";
  /** Class terms summed over the classes in the batch, as printed, or averaged over them. */
  readonly classReduction: "sum" | "mean";
  /**
   * L_Fintra (Eq. 8) as a term of each class, or as one mean over all rows, each counted once, which `classReduction`
   * leaves alone: the authors' code in segmentation. @default {"classes"} Eq. 8
   */
  readonly intraReduction?: "classes" | "rows";
  /**
   * z of Eq. 6 to 8, by the names in the task's `features`. "penultimate", which every task has, is what the paper
   * says: the input of O's last layer, or of detection's heads; the authors' code takes "logits" (classification,
   * segmentation) or "cells" (detection). @default {"penultimate"}
   */
  readonly features?: string;
  /**
   * Rows without a class left out, or one more class and part of L_Frec, as in the authors' code for segmentation.
   * @default {"skip"} ours: the paper is silent
   */
  readonly ignored?: "skip" | "class";
  /**
   * The image that z^c is computed from: x^c, or x^c resized to G's size and back, as in the authors' code.
   * @default {"loaded"} Eq. 6
   */
  readonly cleanFeatures?: "loaded" | "round-trip";
  /**
   * The size at which L_r, L_p and D see images, where G's is not the dataset's: after G's output is resized back,
   * or before, as in the authors' code. @default {"dataset"} ours: the paper is silent
   */
  readonly at?: "dataset" | "generator";
}

/** The learning rate schedule. */
export interface Schedule {
  readonly name: "constant" | "one-cycle" | "constant-then-linear" | "poly" | "cosine";
  readonly peak: number;
  /** one-cycle: fraction of the steps in which the rate rises. */
  readonly warmup: number;
}

/** Adam or stochastic gradient descent with momentum. */
export interface OptimizerSettings {
  readonly name: "adam" | "sgd";
  readonly beta1: number;
  readonly beta2: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

/** Training of the target model if no weights are given. */
export interface TargetTraining {
  readonly batchSize: number;
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly optimizer: OptimizerSettings;
  readonly augmentation: string;
}

/** Training of G and D. */
export interface GeneratorTraining {
  /** Clean images per step; G sees the same number of adversarial ones. */
  readonly batchSize: number;
  /** Number of portions that a batch is split into, to save memory. @default {1} */
  readonly accumulate?: number;
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly discriminatorSchedule: Schedule;
  readonly optimizer: OptimizerSettings;
  readonly discriminatorOptimizer: OptimizerSettings;
  /** Name of one of the task's augmentations; a clean image and its adversarial one get the same. */
  readonly augmentation: string;
  /**
   * Passes over the training set whose adversarial images are cached; 0 generates them in every step, as
   * in Algorithm 1.
   */
  readonly attackCache: number;
  /**
   * The attacker that G is trained against: "oblivious" attacks O alone, as in Algorithm 1; "whitebox" attacks O(G(x))
   * in every step, through the current G, and caches no images. @default {"oblivious"}
   */
  readonly attacker?: "oblivious" | "whitebox";
  /** Exponential moving average of G's weights that evaluation uses; 0 for none. */
  readonly averaging: number;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
}

/** A row of an evaluation: a target model behind a chain of defenses. */
export interface SystemSettings {
  /** Applied in order; none for a target model alone. */
  readonly defenses: readonly DefenseSettings[];
  /** Another target model O', e.g. an adversarially trained one. @default O */
  readonly target?: {
    /** @default O's */
    readonly architecture?: string;
    /** Safetensors file with its weights. */
    readonly weights: string;
  };
  /** Its title in tables and reports. @default the titles of its defenses */
  readonly title?: string;
}

/** The attacks of one threat model. */
export interface ThreatModelSettings {
  /** By the name used in results. */
  readonly attacks: Readonly<Record<string, AttackSettings>>;
  /** Names of the attacked systems. @default all that can be attacked */
  readonly systems?: readonly string[];
}

/** One weight for each tap of the perceptual network. */
export type TapWeights = readonly [number, number, number, number, number];

/** Which points of an image and its resized one coincide. */
export type ResizeGrid = "half-pixel" | "align-corners";

/**
 * Whole images evaluated in overlapping windows of the dataset's size, each of which is attacked and restored by itself:
 * the authors' code and hszhao/semseg. Images must be read at their own size (`dataset.options.fit=native`).
 */
export interface WindowSettings {
  /** `[height, width]` that whole images are fitted into, their proportions kept; the rest does not count. */
  readonly picture: readonly [number, number];
  /** Most `[rows, columns]` from one window to the next. */
  readonly stride: readonly [number, number];
  /** Whether each window is evaluated mirrored too, and both averaged. */
  readonly mirror: boolean;
}

/** A run's settings, all resolved: this is exactly what runs. */
export interface Preset {
  readonly name: string;
  readonly task: string;
  readonly seed: number;
  readonly dataset: {
    readonly name: string;
    /** Examples of the training split used; 0 for all. */
    readonly trainExamples: number;
    /** Number of classes used, if the dataset supports a choice; 0 for all. */
    readonly classes: number;
    readonly size: readonly [number, number];
    /** The dataset's own options, e.g. the number of objects in a scene of shapes. */
    readonly options?: Readonly<Record<string, string | number | boolean>>;
  };
  readonly target: {
    readonly architecture: string;
    /** `[height, width]` that O resizes its input to. */
    readonly size: readonly [number, number];
    /** Safetensors file with O's weights; "" to train O. */
    readonly weights: string;
    /** Normalisation of O's input, per RGB channel in [0, 1]. Default: the architecture's own */
    readonly normalization?: ChannelNormalization;
    readonly train: TargetTraining;
  };
  readonly generator: {
    readonly width: number;
    readonly blocks: number;
    readonly downsamplings: number;
    /** pix2pixHD's instance norm; "layer", over all channels of an image, keeps colour and contrast. */
    readonly norm: "instance" | "layer" | "none";
    readonly upsampling: "transposed" | "resize";
    /** `[height, width]` that images are resized to for G; usually the dataset's size. */
    readonly size: readonly [number, number];
    /**
     * Which points coincide when images are resized for G: the middles of pixels at the same share of the side, or
     * the corner pixels' middles, as in the authors' code. @default {"half-pixel"} ours: the paper is silent
     */
    readonly resize?: ResizeGrid;
  };
  readonly discriminator: {
    readonly width: number;
    readonly layers: number;
    readonly scales: number;
    /**
     * What D sees besides the image: nothing, or y^c drawn as a label map, for real and fake images alike, as in the
     * authors' code (classification, segmentation). @default {"none"} Eq. 3
     */
    readonly condition?: "none" | "labels";
  };
  readonly perceptual: {
    /** "vgg16" as in section 3.1; "vgg19" as in the authors' code. @default {"vgg16"} */
    readonly architecture?: "vgg16" | "vgg19";
    /** Channels of the first layer; 64 is the published network. */
    readonly width: number;
    /** Safetensors file with torchvision's names; "" for a seeded random network, with a warning. */
    readonly weights: string;
    /**
     * Each stage's last ReLU (1_2, 2_2, 3_3, 4_3, 5_3 in VGG-16), or its first (1_1 to 5_1), as in the authors' code.
     * @default {"last"} section 3.1
     */
    readonly taps?: "last" | "first";
    /** Weights of the taps in L_p; 1/32, 1/16, 1/8, 1/4, 1 in the authors' code. @default {[1, 1, 1, 1, 1]} Eq. 2 */
    readonly tapWeights?: TapWeights;
    /**
     * How images are scaled for Φ: to ImageNet's mean and deviation, not at all, or from `[0, 1]` to `[-1, 1]`
     * ("centred"), as in the authors' code.
     */
    readonly normalization: "imagenet" | "none" | "centred";
  };
  readonly losses: LossSettings;
  readonly train: GeneratorTraining;
  /** The attack G is trained against. */
  readonly attack: AttackSettings;
  readonly evaluation: {
    readonly batchSize: number;
    /** Examples of the test split; 0 for all. */
    readonly examples: number;
    /** Evaluates whole images window by window (segmentation). Default: an image at a time, at the dataset's size */
    readonly window?: WindowSettings;
    /** Rows of the evaluation by name, besides O alone, which is always included as "none". */
    readonly systems: Readonly<Record<string, SystemSettings>>;
    /** Attacks by threat model. */
    readonly threatModels: Readonly<Record<string, ThreatModelSettings>>;
  };
}
