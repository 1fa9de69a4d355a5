/**
 * How the parts of a segmentation network work together.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import type { ModalLayer } from "@realign/core/layers";
import type * as tf from "@realign/core/tf";
import type { Backbone } from "./dilated_resnet.ts";
import { type Alignment, createHead, type HeadSettings, resizeMap } from "./head.ts";
import type { Mode, Network } from "./network.ts";

type Head = ReturnType<typeof createHead>;

/** The parts of a network. */
export interface NetworkParts {
  readonly backbone: Backbone;
  /** Over the backbone's last map. */
  readonly pyramid: ModalLayer;
  /** Over the pyramid's map: the name of its weights, and how it is built. */
  readonly head: readonly [name: string, settings: HeadSettings];
  /** Over the backbone's map before the last; in training alone. */
  readonly auxiliaryHead: readonly [name: string, settings: HeadSettings];
  /** How logits come to the images' size. */
  readonly alignment: Alignment;
}

/** Joins a backbone, a pyramid and two heads, which are made here. */
export function joinNetwork(
  parameters: Parameters,
  { backbone, pyramid, head: [name, settings], auxiliaryHead, alignment }: NetworkParts,
): Network {
  const head = createHead(parameters, name, settings);
  const side = createHead(parameters, ...auxiliaryHead);
  const pass = (images: tf.Tensor4D, mode: Mode, more: readonly (readonly [string, Head])[]) => {
    const [, height, width] = images.shape;
    const resized = (logits: tf.Tensor4D) => resizeMap(logits, [height, width], alignment);
    const [early, late] = backbone.forward(images, mode);
    const map = pyramid(late, mode);
    const { logits, features } = head(map, mode);
    return {
      output: {
        logits: resized(logits),
        features,
        ...(mode === "training" && { auxiliary: resized(side(early, mode).logits) }),
      },
      more: Object.fromEntries(more.map(([name, one]) => [name, resized(one(map, mode).logits)])),
    };
  };
  return {
    forward: (images, mode) => pass(images, mode, []).output,
    head: name,
    withHeads(parameters, heads) {
      const made = Object.entries(heads).map(([name, classCount]) =>
        [name, createHead(parameters, name, { ...settings, classCount })] as const
      );
      return (images, mode) => {
        const { output, more } = pass(images, mode, made);
        return { ...output, more };
      };
    },
  };
}
