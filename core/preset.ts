/**
 * A preset: everything that a run is made from, as one plain object.
 *
 * @module
 */
import type { AttackSettings } from "./attacks/attack.ts";
import type { DefenseSettings } from "./defenses/settings.ts";
import type { ChannelNormalization } from "./images.ts";

/** What x̂^a is pulled to in Eq. 1 and 2. The paper prints x^a and says x̂^c; see ARCHITECTURE.md. */
export type PixelTarget =
  /** x̂^c, what section 3.1, Fig. 3 and A.3 describe. */
  | "intermediate"
  /** x^a, as Eq. 1 and 2 are printed. */
  | "adversarial"
  /** x^c, the traditional constraint (L_T). */
  | "clean";

/** The rows of Table 1. */
export type LossSetting = "full" | "L_I" | "L_F" | "L_I+F" | "L_T" | "L_T+F";

/** One weight for each term of L_g (Eq. 9 and 10); 0 leaves the term out, unevaluated. */
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

/** How the losses are set. */
export interface LossSettings {
  readonly setting: LossSetting;
  readonly pixelTarget: PixelTarget;
  /** Whether no gradient flows into the pixel target ("intermediate" only). */
  readonly stopGradient: boolean;
  /**
   * ‖·‖ of Eq. 1 and 2, which the paper leaves open. "absolute" pulls as hard at a small difference as at a
   * large one, so that pulling x̂^a to x̂^c holds back what G learns of detail; "squared" does not.
   */
  readonly pixelDistance: "absolute" | "squared";
  readonly weights: LossWeights;
  /** M of Eq. 8, in the units of the mean absolute difference between class centres. */
  readonly margin: number;
  /** Eq. 8's inter-class term: hinge max(0, M - d), or literal M - d, unbounded below. */
  readonly interClass: "hinge" | "literal";
  /** Class terms summed over the classes in the batch, as printed, or averaged over them. */
  readonly classReduction: "sum" | "mean";
}

/** The learning rate over the steps of a run. */
export interface Schedule {
  readonly name: "constant" | "one-cycle" | "constant-then-linear" | "poly" | "cosine";
  readonly peak: number;
  /** one-cycle: share of the steps that the rate rises for. */
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

/** How the target model is trained where no weights are given. */
export interface TargetTraining {
  readonly batchSize: number;
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly optimizer: OptimizerSettings;
  readonly augmentation: string;
}

/** How G and D are trained. */
export interface GeneratorTraining {
  /** Clean images a step; G sees as many adversarial ones besides. */
  readonly batchSize: number;
  /** Portions that a batch is taken in, one after another, to save memory. @default {1} */
  readonly accumulate?: number;
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly discriminatorSchedule: Schedule;
  readonly optimizer: OptimizerSettings;
  readonly discriminatorOptimizer: OptimizerSettings;
  /** Random changes, the same for a clean image and its adversarial one; a name of the task's. */
  readonly augmentation: string;
  /**
   * Passes over the training set whose adversarial images are kept; 0 makes them afresh in every step, as
   * Algorithm 1 reads.
   */
  readonly attackCache: number;
  /**
   * Whom G is trained against: "oblivious" attacks O alone, as Algorithm 1 reads; "whitebox" attacks O(G(x))
   * in every step, through G as it is then, and keeps no images. @default {"oblivious"}
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
  /** As tables and reports name it. @default the titles of its defenses */
  readonly title?: string;
}

/** The attacks of one threat model. */
export interface ThreatModelSettings {
  /** By the name that results carry. */
  readonly attacks: Readonly<Record<string, AttackSettings>>;
  /** Names of the systems that are attacked. @default all that can be */
  readonly systems?: readonly string[];
}

/** A run's settings. Every field is resolved: what is here is what runs. */
export interface Preset {
  readonly name: string;
  readonly task: string;
  readonly seed: number;
  readonly dataset: {
    readonly name: string;
    /** Examples of the training split used; 0 for all. */
    readonly trainExamples: number;
    /** Classes kept where a dataset lets one choose; 0 for all. */
    readonly classes: number;
    readonly size: readonly [number, number];
    /** What else the dataset can be told, by names of its own, e.g. how many objects a scene of shapes has. */
    readonly options?: Readonly<Record<string, string | number | boolean>>;
  };
  readonly target: {
    readonly architecture: string;
    /** `[height, width]` that O resizes its input to. */
    readonly size: readonly [number, number];
    /** Safetensors file with O's weights; "" to train O. */
    readonly weights: string;
    /** What O's weights were trained with, of red, green and blue in [0, 1]. Default: the architecture's own */
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
    /** `[height, width]` that images are resized to for G; the dataset's size as a rule. */
    readonly size: readonly [number, number];
  };
  readonly discriminator: {
    readonly width: number;
    readonly layers: number;
    readonly scales: number;
  };
  readonly perceptual: {
    /** Channels of the first layer; 64 is VGG-16. */
    readonly width: number;
    /** Safetensors file with torchvision's names; "" for a seeded random network, said loudly. */
    readonly weights: string;
    readonly normalization: "imagenet" | "none";
  };
  readonly losses: LossSettings;
  readonly train: GeneratorTraining;
  /** The attack G is trained against. */
  readonly attack: AttackSettings;
  readonly evaluation: {
    readonly batchSize: number;
    /** Examples of the test split; 0 for all. */
    readonly examples: number;
    /** What is measured besides O alone, which is always there as "none": rows, by name. */
    readonly systems: Readonly<Record<string, SystemSettings>>;
    /** Who attacks: by threat model. */
    readonly threatModels: Readonly<Record<string, ThreatModelSettings>>;
  };
}
