/**
 * A preset: all settings of a run, as one plain object.
 *
 * These comments are the reference of settings: `deno task readme` writes docs/reference/presets.md from them,
 * and each setting says where it comes from with `@origin`, or a group for all that it holds.
 *
 * @module
 */
import type { Precision } from "./backend/precision.ts";
import type { TargetStart } from "./adversarial_settings.ts";
import type { AttackSettings, DefenseSettings } from "./attack_settings.ts";
import type { ChannelNormalization, ResizeGrid } from "./images.ts";
import type { LossSettings } from "./loss_settings.ts";
import type { AdapterSettings } from "./model_file.ts";
import type { RecipeSettings } from "./recipe_settings.ts";
import type { GuardSettings, StartTraining } from "./robust_settings.ts";
import type { OptimizerSettings, Schedule } from "./schedule_settings.ts";
import type { WindowSettings } from "./windows.ts";

export type { AdversarialTraining } from "./adversarial_settings.ts";
export type { AttackSettings, DefenseSettings, MemberSettings } from "./attack_settings.ts";
export type { GuardSettings, StartTraining } from "./robust_settings.ts";
export type { OptimizerSettings, Schedule } from "./schedule_settings.ts";
export type { WindowSettings } from "./windows.ts";
export type {
  LossSetting,
  LossSettings,
  LossWeights,
  PixelTarget,
  StopGradient,
} from "./loss_settings.ts";

/** Training of the target model if no weights are given. */
export interface TargetTraining extends TargetStart {
  /** Images per step. @origin common practice for the architecture */
  readonly batchSize: number;
  /** Passes over the training split; fractions are allowed. @origin common practice for the architecture */
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly optimizer: OptimizerSettings;
  /**
   * What the learning rate of O's heads, all but the backbone, is multiplied by, if O tells them (segmentation). 10 in
   * published trainings of PSPNet and DeepLabv3. @default {1} @origin common practice for the architecture
   */
  readonly headRate?: number;
  /** Name of one of the task's augmentations. @origin common practice for the architecture */
  readonly augmentation: string;
}

/** Training of G and D. */
export interface GeneratorTraining {
  /** Clean images per step; G sees the same number of adversarial ones. @origin sections 4.2 and A.1 */
  readonly batchSize: number;
  /** Number of portions that a batch is split into, to save memory. @default {1} @origin ours */
  readonly accumulate?: number;
  /**
   * Whether what networks compute inside is computed again in the backward pass instead of being kept until then: less
   * memory, more time, the same weights. @default {false} @origin ours
   */
  readonly recompute?: boolean;
  /** Passes over the training split; fractions are allowed. @origin sections 4.2 and A.1; small presets: ours */
  readonly epochs: number;
  readonly schedule: Schedule;
  readonly discriminatorSchedule: Schedule;
  readonly optimizer: OptimizerSettings;
  readonly discriminatorOptimizer: OptimizerSettings;
  /** Name of one of the task's augmentations; a clean image and its adversarial one get the same. @origin ours */
  readonly augmentation: string;
  /**
   * Passes over the training set whose adversarial images are cached; 0 generates them in every step, as
   * in Algorithm 1. @origin Algorithm 1; small presets: ours
   */
  readonly attackCache: number;
  /**
   * What the adversarial images x^a are made on: the "target", O alone, as in Algorithm 1; the "system", O behind
   * the G of this step, as an attacker who knows G makes them; or "both", which take turns from step to step. Images
   * made through G are never cached. @default {"target"} @origin Algorithm 1
   */
  readonly adversary?: "target" | "system" | "both";
  /**
   * Share of the steps in which the attack's epsilon and step size grow from 0, in tenths of them. Needs
   * `attackCache` 0. @default {0} @origin common practice in adversarial training
   */
  readonly ramp?: number;
  /** The training against O alone whose G this one starts from, unless a run is named. */
  readonly start?: StartTraining;
  /** Keeps the best epoch, and ends a training that fails suddenly. @default none */
  readonly guard?: GuardSettings;
  /** Exponential moving average of G's weights that evaluation uses; 0 for none. @origin ours */
  readonly averaging: number;
  /** Steps between checkpoints. @origin ours */
  readonly checkpointEvery: number;
}

/** A target model besides O. */
export interface OtherTarget {
  /** Its architecture, or a model file. @default O's @origin ours */
  readonly architecture?: string;
  /** How a model file is read. @default O's if the architecture is left out, else what the file says */
  readonly adapter?: AdapterSettings;
  /** `[height, width]` that it resizes its input to. @default O's @origin ours */
  readonly size?: readonly [number, number];
  /** Safetensors file with its weights; "" for those of a model file. @origin ours */
  readonly weights: string;
  /** Normalisation of its input. @default O's if the architecture is left out, else the architecture's own @origin ours */
  readonly normalization?: ChannelNormalization;
}

/** A model that attacks are made on in place of O (section A.2: ResNet-50 in place of a WideResNet). */
export interface SubstituteSettings extends OtherTarget {
  /** Safetensors file with its weights; "" to train it, or for those of a model file. @origin section A.2 */
  readonly weights: string;
  /** What its training does otherwise than O's. @default O's, from random weights on clean images @origin ours */
  readonly train?: Omit<Partial<TargetTraining>, "from">;
}

/** A row of an evaluation: a target model behind a chain of defenses. */
export interface SystemSettings {
  /** Applied in order; none for a target model alone. @origin section 4.5 */
  readonly defenses: readonly DefenseSettings[];
  /** Another target model O', e.g. an adversarially trained one. @default O */
  readonly target?: OtherTarget;
  /** Its title in tables and reports. @default the titles of its defenses @origin ours */
  readonly title?: string;
  /**
   * Whether random defenses have the same noise in every pass: what they keep then is no merit of their randomness.
   * @default {false} @origin ours
   */
  readonly frozen?: boolean;
}

/** The attacks of one threat model. */
export interface ThreatModelSettings {
  /** By the name used in results. */
  readonly attacks: Readonly<Record<string, AttackSettings>>;
  /** Names of the attacked systems. @default all @origin ours */
  readonly systems?: readonly string[];
  /**
   * Draws that a gradient through a random defense is the mean of (EOT). @default 20, doubled up to 80 until two means
   * agree @origin AutoAttack
   */
  readonly draws?: number;
}

/** One weight for each tap of the perceptual network. */
export type TapWeights = readonly [number, number, number, number, number];

/** A run's settings, all resolved: this is exactly what runs. */
export interface Preset {
  /** The preset's name, and the start of the names of its runs. @origin ours */
  readonly name: string;
  /** Which plugin knows the task: "classification", "segmentation", "detection", or one of `--plugin`. @origin ours */
  readonly task: string;
  /** Seed of all random numbers: weights, order, augmentations, attacks. @origin ours */
  readonly seed: number;
  /**
   * What O and G are trained in, and the images they are trained on are attacked in: "bfloat16" runs convolutions, matrix
   * products and their gradients in half precision (tensorflow backend). Evaluations are float32, whatever it is.
   * @default {"float32"} @origin ours
   */
  readonly precision?: Precision;
  /** The images that O and G are trained and evaluated on. */
  readonly dataset: {
    /** Which dataset, of the built-in ones or a plugin's. @origin sections 4.2 and A.1; small presets: ours */
    readonly name: string;
    /** Examples of the training split used; 0 for all. @origin ours */
    readonly trainExamples: number;
    /** Number of classes used, if the dataset supports a choice; 0 for all. @origin ours */
    readonly classes: number;
    /** `[height, width]` that images are scaled and cropped to. @origin sections 4.2 and A.1 */
    readonly size: readonly [number, number];
    /** The dataset's own options, e.g. the number of objects in a scene of shapes. @default none @origin ours */
    readonly options?: Readonly<Record<string, string | number | boolean>>;
  };
  /**
   * O, the network that is defended. On the command line `target.train.adversarial` takes a bundle, "trades", "pgd",
   * "fast", "free" or one of the plugin, or "none", for all of it, before every other setting.
   */
  readonly target: {
    /** O's architecture, by a name that the task knows, or a model file (`.onnx`). @origin sections 4.2 and A.1 */
    readonly architecture: string;
    /** How a model file is read. @default what the file says */
    readonly adapter?: AdapterSettings;
    /** `[height, width]` that O resizes its input to. @origin sections 4.2 and A.1 */
    readonly size: readonly [number, number];
    /** Safetensors file with O's weights; "" to train O, or for those of a model file. @origin ours */
    readonly weights: string;
    /**
     * Normalisation of O's input, per RGB channel in [0, 1]; a mean of 0 and a deviation of 1/255 make pixels in
     * [0, 255]. @default the architecture's own; of a model file, none @origin ours
     */
    readonly normalization?: ChannelNormalization;
    readonly train: TargetTraining;
  };
  /** G, which restores images. */
  readonly generator: {
    /** Channels of the first layer; each downsampling doubles them. @origin pix2pixHD; small presets: ours */
    readonly width: number;
    /** Residual blocks. @origin pix2pixHD; small presets: ours */
    readonly blocks: number;
    /** How often height and width are halved; both must be divisible by 2 to this power. @origin pix2pixHD; ours for small images */
    readonly downsamplings: number;
    /** pix2pixHD's instance norm; "layer", over all channels of an image, keeps colour and contrast. @origin pix2pixHD; small presets: ours */
    readonly norm: "instance" | "layer" | "none";
    /** Transposed convolutions, or repeated pixels and a convolution, which leaves no grid. @origin pix2pixHD */
    readonly upsampling: "transposed" | "resize";
    /** `[height, width]` that images are resized to for G; usually the dataset's size. @origin ours */
    readonly size: readonly [number, number];
    /**
     * Which points coincide when images are resized for G: the middles of pixels at the same share of the side, or
     * the corner pixels' middles, as in the authors' code. @default {"half-pixel"} @origin ours
     */
    readonly resize?: ResizeGrid;
    /**
     * Whether the output is a change of the input, x̂ = clip(x + G(x)), with G(x) in `[-1, 1]` and 0 at first, instead of a
     * picture of its own. @default {false} @origin ours
     */
    readonly skip?: boolean;
  };
  /** D, which tells restored images from real ones. */
  readonly discriminator: {
    /** Channels of the first layer. @origin pix2pixHD; small presets: ours */
    readonly width: number;
    /** Layers that halve height and width. @origin pix2pixHD; small presets: ours */
    readonly layers: number;
    /** Scales of the image, each half as large as the one before, each judged by a network of its own. @origin pix2pixHD */
    readonly scales: number;
    /**
     * What D sees besides the image: nothing, or y^c drawn as a label map, for real and fake images alike, as in the
     * authors' code (classification, segmentation). @default {"none"} @origin Eq. 3
     */
    readonly condition?: "none" | "labels";
  };
  /** Φ, the network of the perceptual loss. */
  readonly perceptual: {
    /** "vgg16", or "vgg19" as in the authors' code. @default {"vgg16"} @origin Eq. 2 */
    readonly architecture?: "vgg16" | "vgg19";
    /** Channels of the first layer; 64 is the published network. @origin Eq. 2; small presets: ours */
    readonly width: number;
    /** Safetensors file with torchvision's names; "" for a seeded random network, with a warning. @origin Eq. 2 */
    readonly weights: string;
    /**
     * Each stage's last ReLU (1_2, 2_2, 3_3, 4_3, 5_3 in VGG-16), or its first (1_1 to 5_1), as in the authors' code.
     * @default {"last"} @origin Eq. 2
     */
    readonly taps?: "last" | "first";
    /** Weights of the taps in L_p; 1/32, 1/16, 1/8, 1/4, 1 in the authors' code. @default {[1, 1, 1, 1, 1]} @origin Eq. 2 */
    readonly tapWeights?: TapWeights;
    /**
     * How its input is normalised: by ImageNet's mean and deviation, not at all, or from `[0, 1]` to `[-1, 1]`
     * ("centred"), as in the authors' code. @origin torchvision
     */
    readonly normalization: "imagenet" | "none" | "centred";
  };
  /**
   * What G and D are trained to minimise. On the command line `losses.values` takes a bundle of the plugin, "paper" or
   * "authors", for all of it, before every other setting.
   */
  readonly losses: LossSettings;
  /** A rival that is trained in place of G. @default the paper's own method */
  readonly recipe?: RecipeSettings;
  /** How G and D are trained. */
  readonly train: GeneratorTraining;
  /** The attack G is trained against. */
  readonly attack: AttackSettings;
  /** What is measured. */
  readonly evaluation: {
    /** Images per batch. @origin ours */
    readonly batchSize: number;
    /** Examples of the test split; 0 for all. @origin all, as in section 4; small presets: ours */
    readonly examples: number;
    /** How often each image passes through a random defense; the figure is the mean. @default {10} @origin ours */
    readonly passes?: number;
    /** Evaluates whole images window by window (segmentation). @default an image at a time, at the dataset's size @origin ours */
    readonly window?: WindowSettings;
    /** Rows of the evaluation by name, besides O alone, which is always included as "none". */
    readonly systems: Readonly<Record<string, SystemSettings>>;
    /** Models by name that the threat model "transfer" attacks in place of O. @default none */
    readonly substitutes?: Readonly<Record<string, SubstituteSettings>>;
    /** Attacks by threat model. */
    readonly threatModels: Readonly<Record<string, ThreatModelSettings>>;
    /**
     * The suite that the attacks are of, printed and stored with the results: `--suite`, which adds its attacks.
     * @default {"paper"} @origin ours
     */
    readonly suite?: string;
    /** Points of curves over epsilon or steps, by threat model; they count for no worst case. @default none */
    readonly curves?: Readonly<Record<string, ThreatModelSettings>>;
  };
}
