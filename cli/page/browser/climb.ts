/**
 * Projected gradient descent in the ball of the greatest norm, in the arithmetic of float32.
 *
 * @module
 */

/** How an attack moves. */
export interface ClimbSettings {
  /** Radius of the ball, in `[0, 1]`. */
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  /** Begins at a random point of the ball, by this seed. Default: at the clean image */
  readonly seed?: number;
}

/** What is ascended at some images. */
export interface Ascent {
  readonly gain: number;
  readonly gradient: Float32Array;
}

/**
 * Ascends by the sign of the gradient: x <- clip(project(x + stepSize * sign)).
 *
 * @param clean The image, numbers in `[0, 1]`
 * @param settings Radius, steps, start
 * @param ascend The gain and its gradient
 * @param goOn Told after each step; false ends the attack
 * @returns The last image
 */
export async function climb(
  clean: Float32Array,
  settings: ClimbSettings,
  ascend: (images: Float32Array) => Promise<Ascent>,
  goOn: (step: number, gain: number) => Promise<boolean>,
): Promise<Float32Array> {
  const { epsilon, steps, seed } = settings;
  const [radius, stepSize] = [epsilon, settings.stepSize].map(Math.fround);
  const [lower, upper] = [-1, 1].map((sign) => clean.map((value) => inside(value + sign * radius)));
  let images = seed === undefined ? clean : between(randomStart(clean, radius, seed), lower, upper);
  for (let step = 1; step <= steps; step++) {
    const { gain, gradient } = await ascend(images);
    const moved = images.map((value, k) => value + stepSize * Math.sign(gradient[k]));
    images = between(moved, lower, upper);
    if (!await goOn(step, gain)) break;
  }
  return images;
}

/** Images between two others, number by number. */
function between(images: Float32Array, lower: Float32Array, upper: Float32Array): Float32Array {
  return images.map((value, k) => Math.min(upper[k], Math.max(lower[k], value)));
}

function inside(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** A uniform point around an image; the same for the same seed. */
function randomStart(clean: Float32Array, radius: number, seed: number): Float32Array {
  const next = uniform(seed);
  return clean.map((value) => value + radius * (2 * next() - 1));
}

/** Numbers in [0, 1): Mulberry32, by Tommy Ettinger. */
function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
