/**
 * What a page carries besides its code: written at export, read in the browser.
 *
 * @module
 */

/** How an output is shown: classes with confidences, a class for each pixel, boxes, or its greatest numbers. */
export type ViewKind = "classes" | "label-map" | "boxes" | "numbers";

/** What is known of an output. */
export interface View {
  readonly kind: ViewKind;
  /** The target's outputs that are shown, the one that is attacked first. */
  readonly outputs: readonly string[];
  /** Of the first output; the batch is 1. */
  readonly shape: readonly number[];
  readonly classNames: readonly string[];
  /** In the words of CSS, one for each class. */
  readonly colours: readonly string[];
}

/** A test image of the run, in the page. */
export interface EmbeddedSample {
  readonly id: string;
  /** In words; empty where the task has none. */
  readonly truth: string;
  /** A data URI. */
  readonly image: string;
}

/** Numbers of the first sample as the command line computes them: an engine that gives others is not used. */
export interface Check {
  /** Every so many numbers of an image. */
  readonly stride: number;
  readonly restored: readonly number[];
  /**
   * Of the whole system's loss, by which an attack goes, with the target's output negated as the clean image's: so it is
   * far from 0.
   */
  readonly gradient: readonly number[];
}

/** Everything that is no code, weight or library. */
export interface PageContent {
  /** `[H, W]` of the images. */
  readonly size: readonly [number, number];
  readonly view: View;
  readonly samples: readonly EmbeddedSample[];
  readonly check: Check;
  /** Of random starts. */
  readonly seed: number;
  /** In 255ths, where the slider stands at first. */
  readonly epsilon: number;
}
