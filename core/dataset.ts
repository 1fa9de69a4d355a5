/**
 * What core needs of data: examples by index, in host memory. Files and decoders are elsewhere.
 *
 * @module
 */
import type { Random } from "./random.ts";
import type * as tf from "./tf.ts";

/** Images of a batch: `[B, H, W, 3]`, float32 in `[0, 1]`, RGB. */
export type Images = tf.Tensor4D;

/** One 8-bit picture, RGB, rows from the top: `height * width * 3` bytes. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** A class for each pixel, rows from the top: `height * width` bytes. */
export interface LabelMap {
  readonly height: number;
  readonly width: number;
  /** In `[0, K)`; 255 marks an ignored pixel. */
  readonly classes: Uint8Array;
}

/** The class of a label-map pixel that is ignored in training and in metrics. */
export const IGNORED_CLASS = 255;

/** An object's position in an image. */
export interface Box {
  /** `[x1, y1, x2, y2]`: left, top, right and bottom edge as fractions of width and height, in `[0, 1]`. */
  readonly box: readonly [number, number, number, number];
  /** In `[0, K)`; the background is not a class. */
  readonly class: number;
  /** Hard to recognize: metrics neither require it nor penalize finding it. */
  readonly difficult: boolean;
  /** Around a group of objects (COCO's crowds); such a box is also difficult. */
  readonly crowd?: boolean;
}

/** What datasets may provide for an image, by kind; a dataset may provide several kinds. */
export interface Annotations {
  /** The image's class, in `[0, K)`. */
  readonly class: { readonly class: number };
  /** A class for each pixel; the map has the image's size. */
  readonly labelMap: { readonly labelMap: LabelMap };
  /** The objects in the image; there may be none. */
  readonly boxes: { readonly boxes: readonly Box[] };
}

/** A kind of annotation: what a task needs from a dataset. */
export type AnnotationKind = keyof Annotations;

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** An image with its ground truth; `A` is the type of a dataset's annotations (a class, boxes, ...). */
export interface Example<A> {
  /** Unique within the dataset; the same in every run. */
  readonly id: string;
  readonly picture: Picture;
  readonly annotation: A;
}

/** A set of examples, read by index; every example has the same size. */
export interface Dataset<A> {
  readonly name: string;
  readonly split: string;
  readonly length: number;
  /** `[height, width]` of every image. */
  readonly size: readonly [number, number];
  readonly classNames: readonly string[];
  /** A colour for each class, if the dataset defines them. */
  readonly classColours?: readonly Colour[];
  /** Changes when the content does; it is part of attack-cache keys and of `run.json`. */
  readonly digest: string;
  /** Reads one example. Throws an Error whose message names the file and what is wrong with it. */
  read(index: number): Promise<Example<A>>;
}

/** What a preset requests when it opens a dataset by name. */
export interface DatasetRequest {
  /** The folder with its files; the command line's `--data DIR`. */
  readonly root?: string;
  /** `[height, width]` that every image must have. */
  readonly size: readonly [number, number];
  /** Number of classes; absent for all. */
  readonly classes?: number;
  /** Number of examples; absent for all. A longer dataset is cut to its first ones. */
  readonly examples?: number;
  /** The preset's `dataset.options`. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Opens a split. Throws an Error whose message names the file and what is wrong with it. `notes` are
 * facts about the data that a user should know, one per line.
 */
export type DatasetOpener<A> = (
  split: "train" | "test",
  request: DatasetRequest,
) => Promise<Dataset<A> & { readonly notes?: readonly string[] }>;

/** A random augmentation in training: flips, crops, scales. The size stays. */
export type Augmentation<A> = (example: Example<A>, random: Random) => Example<A>;

/** A batch on the device. */
export interface Batch<L> {
  readonly ids: readonly string[];
  /** The rows' indices in the dataset. */
  readonly indices: Uint32Array;
  /** Identifies the random augmentation: the same index and pass give the same image and label. */
  readonly pass: number;
  readonly images: Images;
  readonly labels: L;
  /** Number of real rows; the rest repeat the last one (evaluation pads its last batch). */
  readonly count: number;
}
