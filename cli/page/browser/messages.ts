/**
 * What a page and its worker tell each other.
 *
 * @module
 */
import type { Check } from "../content.ts";
import type { ClimbSettings } from "./climb.ts";
import type { Engine } from "./engines.ts";
import type { Attacked, Look } from "./network.ts";

/** The first message: what the worker needs. */
export interface Begin {
  readonly kind: "begin";
  /** TensorFlow.js and its engines, as scripts. */
  readonly libraries: readonly Blob[];
  readonly wasm: Blob;
  readonly model: Blob;
  readonly weights: Blob;
  /** `[1, H, W, 3]`. */
  readonly image: readonly number[];
  /** Shape of the attacked output. */
  readonly reference: readonly number[];
  /** Which engine; absent to choose one. */
  readonly engine?: Engine;
  /** The first sample, and what must come of it. */
  readonly sample: Float32Array;
  readonly check: Check;
}

/** A question. */
export type Question =
  | { readonly kind: "look"; readonly image: Float32Array }
  | {
    readonly kind: "attack";
    readonly image: Float32Array;
    readonly attacked: Attacked;
    readonly settings: ClimbSettings;
  };

/** What a page tells. */
export type Request =
  | Begin
  | (Question & { readonly id: number })
  | { readonly kind: "stop" };

/** An engine that is at work. */
export interface Ready {
  readonly engine: Engine;
  /** Until everything was loaded, ms. */
  readonly milliseconds: number;
  /** The greatest difference from the command line's restored image. */
  readonly difference: number;
  /** Why others were not taken. */
  readonly refused: readonly string[];
}

/** The end of an attack. */
export interface Attack {
  readonly image: Float32Array;
  /** How many steps were made. */
  readonly steps: number;
  readonly milliseconds: number;
}

/** What a worker tells. */
export type Reply =
  | { readonly kind: "ready"; readonly ready: Ready }
  | {
    readonly kind: "looked";
    readonly id: number;
    readonly look: Look;
    readonly milliseconds: number;
  }
  | { readonly kind: "step"; readonly step: number; readonly gain: number }
  | { readonly kind: "attacked"; readonly id: number; readonly attack: Attack }
  /** Without a number: the worker could not begin. */
  | { readonly kind: "failed"; readonly id?: number; readonly message: string };
