/**
 * How the parts of a segmentation network work together.
 *
 * @module
 */
import type { ModalLayer } from "@realign/core/layers";
import type { Backbone } from "./dilated_resnet.ts";
import { type Alignment, type createHead, resizeMap } from "./head.ts";
import type { Network } from "./network.ts";

type Head = ReturnType<typeof createHead>;

/** The parts of a network. */
export interface NetworkParts {
  readonly backbone: Backbone;
  /** Over the backbone's last map. */
  readonly pyramid: ModalLayer;
  /** Over the pyramid's map. */
  readonly head: Head;
  /** Over the backbone's map before the last; in training alone. */
  readonly auxiliaryHead: Head;
  /** How logits come to the images' size. */
  readonly alignment: Alignment;
}

/** Joins a backbone, a pyramid and two heads. */
export function joinNetwork(
  { backbone, pyramid, head, auxiliaryHead, alignment }: NetworkParts,
): Network {
  return (images, mode) => {
    const [, height, width] = images.shape;
    const [early, late] = backbone.forward(images, mode);
    const { logits, features } = head(pyramid(late, mode), mode);
    const output = { logits: resizeMap(logits, [height, width], alignment), features };
    if (mode === "inference") return output;
    const side = auxiliaryHead(early, mode);
    return { ...output, auxiliary: resizeMap(side.logits, [height, width], alignment) };
  };
}
