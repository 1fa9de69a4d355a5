/**
 * semseg's changes of training pictures, by which the authors train on Cityscapes and VOC2012.
 *
 * @module
 */
import type { Augmentation, Picture, Random } from "@realign/core";
import { change, flip } from "./augment.ts";
import type { SegmentationAnnotation } from "./labels.ts";
import { type PlaceOf, resampleLabels, resamplePicture } from "./resample.ts";

/** Degrees, either way. */
const ROTATION = 10;
/** OpenCV's Gaussian of five pixels. */
const KERNEL = [1, 4, 6, 4, 1].map((weight) => weight / 16);

/** A scaled and turned picture, of which a part is cut out. */
interface Turn {
  /** `[height, width]` before and after scaling. */
  readonly from: readonly [number, number];
  readonly scaled: readonly [number, number];
  /** About the centre, in radians. */
  readonly angle: number;
  /** Rows and columns of the scaled picture before the part begins; negative where it is padded. */
  readonly offset: readonly [number, number];
}

/** Where the pixels of the part come from. */
export function placesOf({ from, scaled, angle, offset }: Turn): PlaceOf {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const centre = scaled.map((side) => side / 2);
  const inside = (at: number, side: number) => at >= 0 && at <= side - 1;
  return (row, column) => {
    const [y, x] = [row + offset[0], column + offset[1]];
    if (!(inside(y, scaled[0]) && inside(x, scaled[1]))) return undefined;
    const [down, right] = [y - centre[0], x - centre[1]];
    const turned = angle === 0 ? [y, x] : [
      centre[0] + cosine * down - sine * right,
      centre[1] + sine * down + cosine * right,
    ];
    if (!(inside(turned[0], scaled[0]) && inside(turned[1], scaled[1]))) return undefined;
    const [top, left] = turned.map((at, axis) => (at + 0.5) * from[axis] / scaled[axis] - 0.5);
    return [top, left];
  };
}

/** Blurs a picture with OpenCV's Gaussian of five pixels, mirrored at its edges without the edge itself. */
export function blur({ height, width, pixels }: Picture): Picture {
  const mirror = (at: number, side: number) => {
    const within = Math.abs(at);
    return Math.max(0, within < side ? within : 2 * side - 2 - within);
  };
  const along = (values: ArrayLike<number>, rows: number, columns: number): Float32Array => {
    const blurred = new Float32Array(values.length);
    for (let at = 0; at < blurred.length; at++) {
      const [channel, pixel] = [at % 3, Math.floor(at / 3)];
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      for (const [tap, weight] of KERNEL.entries()) {
        const y = mirror(row + rows * (tap - 2), height);
        const x = mirror(column + columns * (tap - 2), width);
        blurred[at] += weight * values[3 * (y * width + x) + channel];
      }
    }
    return blurred;
  };
  const blurred = along(along(pixels, 0, 1), 1, 0);
  return { height, width, pixels: Uint8Array.from(blurred, Math.round) };
}

/** Begin of a part along one side: anywhere in a longer one, a shorter one in the middle. */
function offsetIn(scaled: number, part: number, random: Random): number {
  const spare = scaled - part;
  return spare >= 0 ? random.integer(spare + 1) : Math.ceil(spare / 2);
}

/**
 * semseg's changes in its order: scale, rotation by up to 10 degrees every other time, blur every other
 * time, flip, crop to the wanted size. What comes in from outside is ImageNet's mean, and ignored.
 *
 * @param least Of the random scale
 * @param greatest Of the random scale
 * @returns The augmentation; it may be given pictures larger than what is wanted
 */
export function semseg(least: number, greatest: number): Augmentation<SegmentationAnnotation> {
  return (example, random, size) => {
    const { height, width } = example.picture;
    const scale = least + (greatest - least) * random.next();
    const degrees = random.next() < 0.5 ? ROTATION * (2 * random.next() - 1) : 0;
    const isBlurred = random.next() < 0.5;
    const scaled = [height, width].map((side) => Math.max(1, Math.round(side * scale))) as [
      number,
      number,
    ];
    const placeOf = placesOf({
      from: [height, width],
      scaled,
      angle: degrees * Math.PI / 180,
      offset: [offsetIn(scaled[0], size[0], random), offsetIn(scaled[1], size[1], random)],
    });
    const cut = change(
      example,
      (picture) => {
        const part = resamplePicture(picture, size, placeOf);
        return isBlurred ? blur(part) : part;
      },
      (labels) => resampleLabels(labels, size, placeOf),
    );
    return flip(cut, random, size);
  };
}
