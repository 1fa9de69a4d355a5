/**
 * Boxes of other detectors as offsets from priors.
 *
 * @module
 */
import { stopGradient } from "@realign/core/losses";
import * as tf from "@realign/core/tf";
import { encodeBoxes, SMALLEST_SIDE, toCentres, toCorners } from "../boxes.ts";
import { VARIANCES } from "../post_process.ts";
import type { DetectionOutput } from "./network.ts";

/** How a detector writes its boxes. */
export interface BoxSettings {
  /**
   * "offsets" from priors, as SSD and RetinaNet; or decoded, "centres" (x, y, width, height) or "corners" (left, top,
   * right, bottom); or "distances" from a prior's centre to the left, top, right and bottom. @default {"offsets"}
   */
  readonly coding?: "offsets" | "centres" | "corners" | "distances";
  /** Of decoded boxes and distances: "pixels", "shares" of the image, or "strides" of their map. @default {"pixels"} */
  readonly unit?: "pixels" | "shares" | "strides";
  /**
   * What offsets of a centre and of the logarithm of a side are multiplied by: one over torchvision's weights, so "1,1"
   * for RetinaNet. @default {"0.1,0.2"}
   */
  readonly variances?: string;
}

/** Priors of a batch, and where they come from. */
export interface PriorTensors {
  /** `[B, P, 4]` in centre form, as shares of the image. */
  readonly priors: tf.Tensor3D;
  /** `[1, P, 4]`: the stride of each, as shares of the image; undefined if it is not known. */
  readonly strides?: tf.Tensor3D;
}

/** `[1, 1, 4]`: one over width, height, width, height. */
export function pixelShares([height, width]: readonly [number, number]): tf.Tensor3D {
  return tf.tensor3d([1 / width, 1 / height, 1 / width, 1 / height], [1, 1, 4]);
}

/**
 * Reads the two variances of settings.
 *
 * @param text Two numbers
 * @param fail Throws an error with a reason
 */
export function variancesIn(
  text: string | undefined,
  fail: (reason: string) => never,
): readonly [number, number] {
  if (text === undefined) return VARIANCES;
  const [centre, side, ...others] = text.split(",").map(Number);
  if (others.length > 0 || !(centre > 0 && side > 0)) {
    fail(`variances must be two numbers above 0, e.g. "0.1,0.2": current value is "${text}"`);
  }
  return [centre, side];
}

/**
 * Turns boxes into SSD's offsets from priors. Offsets of other variances are scaled; decoded boxes are encoded, against
 * themselves where there are no priors: offsets of 0, whose gradient is that of the box.
 *
 * @param boxes `[B, P, 4]`
 * @param known The priors; undefined if there are none
 * @param settings How boxes are written
 * @param size `[height, width]` of the images
 * @param fail Throws an error with a reason
 * @returns Offsets and priors, `[B, P, 4]` each
 */
export function readBoxes(
  boxes: tf.Tensor3D,
  known: PriorTensors | undefined,
  { coding = "offsets", unit = "pixels", variances }: BoxSettings,
  size: readonly [number, number],
  fail: (reason: string) => never,
): Pick<DetectionOutput, "offsets" | "priors"> {
  if (coding === "offsets") {
    if (!known) return fail("offsets are from priors: set anchors, or name priors");
    const scales = variancesIn(variances, fail).map((variance, index) =>
      variance / VARIANCES[index]
    );
    const isSame = scales.every((scale) => scale === 1);
    const offsets: tf.Tensor3D = isSame
      ? boxes
      : tf.mul(boxes, tf.tensor3d([scales[0], scales[0], scales[1], scales[1]], [1, 1, 4]));
    return { offsets, priors: known.priors };
  }
  const strides = known?.strides;
  if (unit === "strides" && !strides) return fail("strides are not known: set anchorStrides");
  const scale = unit === "shares" ? undefined : unit === "strides" ? strides! : pixelShares(size);
  const shares = scale ? tf.mul(boxes, scale) as tf.Tensor3D : boxes;
  const corners = coding === "corners"
    ? shares
    : coding === "centres"
    ? toCorners(shares)
    : known
    ? cornersAt(shares, known.priors)
    : fail("distances are from centres: set anchorStrides");
  const priors = known?.priors ?? ownPriors(corners);
  return { offsets: encodeBoxes(corners, priors), priors };
}

/** `[B, P, 4]` in corner form, of distances to the left, top, right and bottom. */
function cornersAt(distances: tf.Tensor3D, priors: tf.Tensor3D): tf.Tensor3D {
  const centres = tf.slice(priors, [0, 0, 0], [-1, -1, 2]);
  const [before, after] = tf.split(distances, 2, 2);
  return tf.concat([tf.sub(centres, before), tf.add(centres, after)], 2);
}

/** The boxes themselves as priors, as constants. */
function ownPriors(corners: tf.Tensor3D): tf.Tensor3D {
  const [centres, sides] = tf.split(toCentres(stopGradient(corners) as tf.Tensor3D), 2, 2);
  return tf.concat([centres, tf.maximum(sides, SMALLEST_SIDE)], 2) as tf.Tensor3D;
}
