/**
 * First values of weights.
 *
 * @module
 */
import type { Initializer } from "../weights/parameters.ts";

/** Normal values of mean 0. */
export const normal = (deviation: number): Initializer => (shape, random) =>
  random.normals(shape.reduce((product, size) => product * size, 1), deviation);

/** Normal values of mean 0, those beyond two deviations drawn again. */
export const truncatedNormal = (deviation: number): Initializer => (shape, random) => {
  const draw = (): number => {
    const value = random.normal();
    return Math.abs(value) <= 2 ? deviation * value : draw();
  };
  return Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, draw);
};

/** The same number everywhere. */
export const constant = (value: number): Initializer => (shape) =>
  new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value);

/** He et al. 2015: normal of variance 2 / (kh * kw * fan), `fan` being in- or outgoing channels. */
export const heNormal = (fan: "in" | "out" = "out"): Initializer => (shape, random) =>
  normal(Math.sqrt(2 / (shape[0] * shape[1] * shape[fan === "in" ? 2 : 3])))(shape, random);

/** PyTorch's first values of convolutions and dense layers: uniform in ±1 / sqrt(fan in). */
export const uniformByFanIn: Initializer = (shape, random) => {
  const count = shape.reduce((product, size) => product * size, 1);
  const bound = 1 / Math.sqrt(count / shape[shape.length - 1]);
  return random.uniforms(count, -bound, bound);
};
