/**
 * What a layer is.
 *
 * @module
 */
import type * as tf from "../tf.ts";

/** A layer that was given its weights. */
export type Layer = (input: tf.Tensor4D) => tf.Tensor4D;
/** A layer that behaves otherwise while its network is trained. */
export type ModalLayer = (input: tf.Tensor4D, mode: "inference" | "training") => tf.Tensor4D;
