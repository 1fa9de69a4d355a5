/**
 * SSD's photometric changes: brightness, contrast, saturation, hue, order of channels.
 *
 * @module
 */
import type { Picture, Random } from "@realign/core";

/** Most that brightness is moved by, out of 255. */
const BRIGHTNESS = 32;
/** Contrast and saturation are multiplied by .5 to 1.5. */
const FACTORS = [0.5, 1.5] as const;
/** Most that hue is turned by, out of 6 (one is from a primary colour to a secondary one): 18 degrees. */
const HUE = 0.3;
const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/** Changes a pixel, in place; values from 0 to 255 and no integers. */
type Change = (pixel: number[]) => void;

const clip = (value: number) => Math.min(255, Math.max(0, value));

function brighten(amount: number): Change {
  return (pixel) => pixel.forEach((value, channel) => pixel[channel] = clip(value + amount));
}

function multiply(factor: number): Change {
  return (pixel) => pixel.forEach((value, channel) => pixel[channel] = clip(value * factor));
}

/** Multiplies HSV's saturation: moves every channel away from, or towards, the greatest. */
export function saturate(factor: number): Change {
  return (pixel) => {
    const [most, least] = [Math.max(...pixel), Math.min(...pixel)];
    if (most === least) return;
    const limited = Math.min(factor, most / (most - least));
    pixel.forEach((value, channel) => pixel[channel] = most - (most - value) * limited);
  };
}

/** Turns HSV's hue. */
export function turnHue(angle: number): Change {
  return (pixel) => {
    const [most, least] = [Math.max(...pixel), Math.min(...pixel)];
    const range = most - least;
    if (range === 0) return;
    const [red, green, blue] = pixel;
    const sector = most === red
      ? (green - blue) / range
      : most === green
      ? 2 + (blue - red) / range
      : 4 + (red - green) / range;
    const hue = sector + angle;
    // Red is greatest about 0, green about 2, blue about 4; each falls off over a sector and a half.
    [0, 2, 4].forEach((peak, channel) => {
      const away = ((hue - peak) % 6 + 6) % 6;
      const distance = Math.min(away, 6 - away);
      pixel[channel] = least + range * Math.min(1, Math.max(0, 2 - distance));
    });
  };
}

function reorder(order: readonly number[]): Change {
  return (pixel) => {
    const before = [...pixel];
    order.forEach((from, channel) => pixel[channel] = before[from]);
  };
}

/**
 * Changes a picture's colours at random, each change for every other picture; contrast comes before or
 * after the colours.
 *
 * @param picture Left as it is
 * @param random Draws
 * @returns A picture of the same size
 */
export function distortColours(picture: Picture, random: Random): Picture {
  const between = (low: number, high: number) => low + (high - low) * random.next();
  const maybe = (make: () => Change): Change[] => random.next() < 0.5 ? [make()] : [];
  const contrast = () => maybe(() => multiply(between(...FACTORS)));
  const contrastFirst = random.next() < 0.5;
  const changes = [
    ...maybe(() => brighten(between(-BRIGHTNESS, BRIGHTNESS))),
    ...contrastFirst ? contrast() : [],
    ...maybe(() => saturate(between(...FACTORS))),
    ...maybe(() => turnHue(between(-HUE, HUE))),
    ...contrastFirst ? [] : contrast(),
    ...maybe(() => reorder(ORDERS[random.integer(ORDERS.length)])),
  ];
  if (changes.length === 0) return picture;
  const pixels = new Uint8Array(picture.pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const pixel = [picture.pixels[at], picture.pixels[at + 1], picture.pixels[at + 2]];
    for (const change of changes) change(pixel);
    for (let channel = 0; channel < 3; channel++) pixels[at + channel] = Math.round(pixel[channel]);
  }
  return { ...picture, pixels };
}
