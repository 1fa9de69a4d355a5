/**
 * Images of a bar on a noisy background, drawn from a seed, annotated with the bar's angle.
 *
 * @module
 */
import { createRandom, type Dataset, type DatasetOpener, type Random } from "@realign/core";

/** The annotation of an image. */
export interface BarAngle {
  /** In radians, in `[0, π)`: a bar has no front and no back. */
  readonly angle: number;
}

/** Names of the eight ranges of angles that serve as classes of features, 22.5 degrees each. */
export const RANGES = ["0°", "22°", "45°", "67°", "90°", "112°", "135°", "157°"];

/** Opens bars of any size and number. */
export const openBars: DatasetOpener<BarAngle> = (split, { size, examples = 1000 }) => {
  const dataset: Dataset<BarAngle> = {
    name: "bars",
    split,
    length: examples,
    size,
    classNames: RANGES,
    // Must change whenever the images do: it is part of the cache key of adversarial images.
    digest: `bars 1, ${split}, ${examples} of ${size.join("x")}`,
    read(index) {
      const random = createRandom(0, "bars", split, index);
      const angle = random.next() * Math.PI;
      const picture = { height: size[0], width: size[1], pixels: drawBar(size, angle, random) };
      return Promise.resolve({ id: `${split}/${index}`, picture, annotation: { angle } });
    },
  };
  return Promise.resolve(dataset);
};

/** Red, green and blue of every pixel, rows from the top. */
function drawBar([height, width]: readonly [number, number], angle: number, random: Random) {
  const colour = () => Array.from({ length: 3 }, () => random.next() * 120);
  const [ground, bar] = [colour(), colour().map((value) => 255 - value)];
  const [centreY, centreX] = [height, width].map((side) => side * (0.4 + 0.2 * random.next()));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [halfLength, halfWidth] = [0.35 * width, 0.07 * width];
  const pixels = new Uint8Array(height * width * 3);
  for (let at = 0; at < pixels.length; at++) {
    const [x, y] = [(Math.floor(at / 3) % width) - centreX, Math.floor(at / 3 / width) - centreY];
    const along = halfLength - Math.abs(x * cos + y * sin);
    const across = halfWidth - Math.abs(y * cos - x * sin);
    const cover = Math.max(0, Math.min(1, 0.5 + Math.min(along, across)));
    const value = cover * bar[at % 3] + (1 - cover) * ground[at % 3];
    pixels[at] = Math.max(0, Math.min(255, value + 40 * (random.next() - 0.5)));
  }
  return pixels;
}
