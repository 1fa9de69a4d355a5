/**
 * How the time of a step grows with batch, width and image size.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { alternate } from "../alternate.ts";
import { type BenchGroup, groupOf } from "../result.ts";
import { type Bench, repetitions, Team, toMilliseconds } from "../team.ts";

/** What is changed, one at a time, and to which values. */
export const DIMENSIONS = {
  "batch": [8, 16, 32, 64],
  "width": [16, 32, 48, 64],
  "image size": [32, 48, 64],
} as const;

/** A dimension's name. */
export type Dimension = keyof typeof DIMENSIONS;

/** The preset with one thing changed. */
export function changed(preset: Preset, dimension: Dimension, value: number): Preset {
  const size = [value, value] as const;
  switch (dimension) {
    case "batch":
      return { ...preset, train: { ...preset.train, batchSize: value } };
    case "width":
      return { ...preset, generator: { ...preset.generator, width: value } };
    case "image size":
      return {
        ...preset,
        dataset: { ...preset.dataset, size },
        target: { ...preset.target, size },
        generator: { ...preset.generator, size },
      };
  }
}

/** The step of the same arithmetic; PyTorch runs eagerly, since compiling takes minutes a point. */
export const scaling: Bench = {
  title: "scaling of the step's time",
  async run(context) {
    const groups: BenchGroup[] = [];
    let versions = {};
    for (const dimension of Object.keys(DIMENSIONS) as Dimension[]) {
      const values = context.quick ? DIMENSIONS[dimension].slice(0, 2) : DIMENSIONS[dimension];
      for (const value of values) {
        context.notify(`scaling: ${dimension} ${value}`);
        const preset = changed(context.preset, dimension, value);
        await using team = await Team.open(context, { preset, modes: ["eager"] });
        const contenders = await team.prepareAll("step");
        const rounds = await alternate(contenders, repetitions(context, 5, 2));
        groups.push(groupOf(`${dimension} ${value}`, toMilliseconds(rounds)));
        versions = team.versions;
      }
    }
    return { groups, settings: { dimensions: DIMENSIONS }, versions };
  },
};
