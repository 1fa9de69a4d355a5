/**
 * What core asks of data: examples by index, in host memory. Files and decoders are elsewhere.
 *
 * @module
 */
import type { Random } from "./random.ts";
import type * as tf from "./tf.ts";

/** Images of a batch: `[B, H, W, 3]`, float32 in `[0, 1]`, RGB. */
export type Images = tf.Tensor4D;

/** One picture of 8 bits a channel, RGB, rows from the top: `height * width * 3` bytes. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** A class for each pixel, rows from the top: `height * width` bytes. */
export interface LabelMap {
  readonly height: number;
  readonly width: number;
  /** In `[0, K)`; 255 marks a pixel that is ignored. */
  readonly classes: Uint8Array;
}

/** The class of a pixel of a label map that counts neither in training nor in a metric. */
export const IGNORED_CLASS = 255;

/** An object's place in a picture. */
export interface Box {
  /** `[x1, y1, x2, y2]`: left, top, right and bottom edge as shares of width and height, in `[0, 1]`. */
  readonly box: readonly [number, number, number, number];
  /** In `[0, K)`; the background is no class. */
  readonly class: number;
  /** Hard to make out: metrics neither ask for it nor punish finding it. */
  readonly difficult: boolean;
  /** Round a group of objects, as COCO marks some; such a box is difficult, too. */
  readonly crowd?: boolean;
}

/** What datasets may say of a picture, by kind; a dataset may serve several kinds. */
export interface Annotations {
  /** The picture's class, in `[0, K)`. */
  readonly class: { readonly class: number };
  /** A class for each pixel; the map has the picture's size. */
  readonly labelMap: { readonly labelMap: LabelMap };
  /** The objects in the picture; there may be none. */
  readonly boxes: { readonly boxes: readonly Box[] };
}

/** A kind of annotation: what a task asks of a dataset. */
export type AnnotationKind = keyof Annotations;

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A picture with its ground truth; `A` is what a dataset says of a picture (its class, boxes, ...). */
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
  /** `[height, width]` of every picture. */
  readonly size: readonly [number, number];
  readonly classNames: readonly string[];
  /** A colour for each class, where the dataset has its own. */
  readonly classColours?: readonly Colour[];
  /** Changes when the content does: it names attack caches and stands in `run.json`. */
  readonly digest: string;
  /** Reads one example. Throws an Error whose message names the file and what is wrong with it. */
  read(index: number): Promise<Example<A>>;
}

/** What is asked of a dataset when it is opened by its name in a preset. */
export interface DatasetRequest {
  /** The folder with its files; the command line's `--data DIR`. */
  readonly root?: string;
  /** `[height, width]` that every picture must have. */
  readonly size: readonly [number, number];
  /** How many classes are wanted; absent for all. */
  readonly classes?: number;
  /** How many examples are wanted; absent for all. Of a longer dataset the first ones are taken. */
  readonly examples?: number;
  /** The preset's `dataset.options`. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Opens a split. Throws an Error whose message names the file and what is wrong with it. `notes` are
 * what a user should know of the data, a line each.
 */
export type DatasetOpener<A> = (
  split: "train" | "test",
  request: DatasetRequest,
) => Promise<Dataset<A> & { readonly notes?: readonly string[] }>;

/** Changes an example at random, in training: flips, crops, scales. The size stays. */
export type Augmentation<A> = (example: Example<A>, random: Random) => Example<A>;

/** A batch on the device. */
export interface Batch<L> {
  readonly ids: readonly string[];
  /** The rows' indices in the dataset. */
  readonly indices: Uint32Array;
  /** Which random changes were made: the same index and pass give the same image and label. */
  readonly pass: number;
  readonly images: Images;
  readonly labels: L;
  /** How many of the rows are real; the rest repeats the last one (evaluation pads its last batch). */
  readonly count: number;
}
