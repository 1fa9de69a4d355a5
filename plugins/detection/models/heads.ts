/**
 * What turns feature maps into logits and offsets.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import { conv } from "@realign/core/layers";
import * as tf from "@realign/core/tf";
import { type PriorLayout, priorsPerCell } from "../priors.ts";
import type { DetectorNames } from "./names.ts";
import { glorotUniform } from "./vgg.ts";

/** Logits `[B, P, K + 1]` and offsets `[B, P, 4]`. */
export interface HeadOutputs {
  readonly logits: tf.Tensor3D;
  readonly offsets: tf.Tensor3D;
}

/**
 * Builds a 3x3 convolution for logits and one for offsets on each map.
 *
 * @param parameters Where the weights go
 * @param names What they are called
 * @param channels Of each map
 * @param layout Priors of each map
 * @param classCount K
 * @returns From the maps to what is said of each prior, in the order of the priors
 */
export function createHeads(
  parameters: Parameters,
  names: Pick<DetectorNames, "classes" | "offsets">,
  channels: readonly number[],
  layout: PriorLayout,
  classCount: number,
): (sources: readonly tf.Tensor4D[]) => HeadOutputs {
  const head = (nameOf: (map: number) => string, columns: number) => {
    const layers = layout.maps.map((map, index) =>
      conv(parameters, nameOf(index), channels[index], columns * priorsPerCell(map), {
        kernel: 3,
        initialize: glorotUniform,
      })
    );
    return (sources: readonly tf.Tensor4D[]) =>
      tf.concat(
        layers.map((layer, index) => {
          const output = layer(sources[index]);
          return tf.reshape(output, [output.shape[0], -1, columns]) as tf.Tensor3D;
        }),
        1,
      );
  };
  const offsets = head(names.offsets, 4);
  const classes = head(names.classes, classCount + 1);
  return (sources) => ({ logits: classes(sources), offsets: offsets(sources) });
}
