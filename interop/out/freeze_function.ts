/**
 * A function of images as a graph, of a free batch size where that can be had.
 *
 * @module
 */
import { freezeGraph } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import { freeBatch } from "../graph/free_batch.ts";
import { type Graph, readGraph } from "../graph/graph.ts";

/** Batch sizes of the recordings that are compared: no other side of a tensor is likely to be one of them. */
const BATCHES = [11, 13] as const;

/** What a function of images takes and returns. */
export interface FrozenFunction {
  readonly graph: Graph;
  /** The function as it was written: images and results of four dimensions are in the layout. */
  readonly compute: (images: tf.Tensor4D) => tf.NamedTensorMap;
  readonly layout: Layout;
  /** The batch size; undefined where it is free. */
  readonly batch?: number;
  /** Why it is not free, though it was wanted. */
  readonly obstacle?: string;
}

/** The order of an image's sides: channels last or first. */
export type Layout = "nhwc" | "nchw";

/** How images come in. */
export interface FunctionShape {
  /** `[H, W]`. */
  readonly size: readonly [number, number];
  /** Of images, and of all results with four dimensions. @default {"nhwc"} */
  readonly layout?: Layout;
  /** Fixes the batch size. Default: free, or 1 where it cannot be */
  readonly batch?: number;
  /** Named in errors. @default {"function"} */
  readonly name?: string;
}

/**
 * Writes a function of images down as a graph with the input "images".
 *
 * @param compute From images `[B, H, W, 3]` in `[0, 1]` to tensors by name: pure, recordable
 * @param shape Size, layout, batch size
 * @returns The graph
 * @throws {Error} If the active backend is not tensorflow, or the function cannot be recorded
 *
 * @example Usage
 * ```ts
 * import { selectBackend } from "@realign/core/backend";
 * import { freezeFunction } from "@realign/interop";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * const { name } = await selectBackend("auto");
 * if (name === "tensorflow") {
 *   const { graph } = freezeFunction((images) => ({ mean: tf.mean(images, [1, 2]) }), { size: [8, 8] });
 *   assert.deepEqual(graph.outputs[0].shape, [-1, 3]);
 * }
 * ```
 */
export function freezeFunction(
  compute: (images: tf.Tensor4D) => tf.NamedTensorMap,
  { size: [height, width], layout = "nhwc", batch, name }: FunctionShape,
): FrozenFunction {
  const isLast = layout === "nhwc";
  const inLayout = (images: tf.Tensor4D): tf.NamedTensorMap => {
    if (isLast) return compute(images);
    const results = compute(tf.transpose(images, [0, 2, 3, 1]) as tf.Tensor4D);
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => [
        name,
        result.rank === 4 ? tf.transpose(result, [0, 3, 1, 2]) : result,
      ]),
    );
  };
  const step = ({ images }: tf.NamedTensorMap) => inLayout(images as tf.Tensor4D);
  const at = (count: number): Graph => {
    const images = tf.zeros(isLast ? [count, height, width, 3] : [count, 3, height, width]);
    try {
      return readGraph(freezeGraph(step, { images }, { name }));
    } finally {
      images.dispose();
    }
  };
  const common = { compute: inLayout, layout };
  if (batch !== undefined) return { ...common, graph: at(batch), batch };
  const [small, large] = BATCHES;
  const { graph, obstacle } = freeBatch(at(small), at(large));
  return graph ? { ...common, graph } : { ...common, graph: at(1), batch: 1, obstacle };
}
