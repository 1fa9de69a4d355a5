/**
 * A defense that restores large images tile by tile.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { HeldTensors } from "../held_tensors.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { Defense, DefenseGradient } from "./defense.ts";
import { isRandom } from "./gradient_of.ts";
import { cutTiles, joinTiles, type TileGrid, tileGrid, type TileSettings } from "./tiles.ts";

/** Pixels that are restored at once: few enough for the paper's G, many enough to keep cores busy. */
const PORTION_PIXELS = 512 * 512;

/** How the tiles of a batch are restored: all portions are equally large, so that one recording serves them. */
interface Plan {
  readonly grid: TileGrid;
  /** Tiles, each with those of all images of the batch, by portion; the last one may have fewer. */
  readonly portions: readonly (readonly number[])[];
  readonly perPortion: number;
}

function planOf([batch, height, width]: Images["shape"], settings: TileSettings): Plan {
  const grid = tileGrid([height, width], settings);
  const tiles = grid.tops.length * grid.lefts.length;
  const most = Math.floor(PORTION_PIXELS / (batch * settings.size[0] * settings.size[1]));
  const perPortion = Math.ceil(tiles / Math.ceil(tiles / Math.max(1, most)));
  const portions = Array.from(
    { length: Math.ceil(tiles / perPortion) },
    (_, portion) =>
      Array.from({ length: perPortion }, (_, place) => portion * perPortion + place)
        .filter((tile) => tile < tiles),
  );
  return { grid, portions, perPortion };
}

/** The tiles of a portion as one batch, filled up with its last one. */
function portionOf(tiles: readonly Images[], portion: readonly number[], count: number): Images {
  const places = Array.from({ length: count }, (_, place) => portion[place] ?? portion.at(-1)!);
  return tf.concat(places.map((place) => tiles[place]));
}

/** The tiles of restored portions, put together. */
function putTogether(
  portions: readonly Images[],
  plan: Plan,
  [batch, height, width]: Images["shape"],
) {
  const tiles = plan.portions.flatMap((portion, index) =>
    tf.split<tf.Tensor4D>(portions[index], plan.perPortion).slice(0, portion.length)
  );
  if (tiles.some(({ shape }) => shape[0] !== batch || shape[1] !== plan.grid.size[0])) {
    throw new RangeError(
      `Cannot restore tile by tile as restored tiles must be ${
        plan.grid.size.join("x")
      }: current size is ${tiles[0].shape.slice(1, 3).join("x")}`,
    );
  }
  return joinTiles(tiles, plan.grid, [height, width]);
}

/**
 * Restores images of any size in overlapping tiles, which fade into each other: x̂ is put together of what the defense
 * makes of each tile. Tiles are restored in portions of bounded size, so memory hardly grows with the images.
 *
 * What looks at an image as a whole, such as an instance norm, sees a tile instead: x̂ is not what the defense makes of
 * the whole image. The gradient is that of all tiles at once; its memory does grow. A random defense draws for
 * each portion by itself, from `random.fork(portion)`.
 *
 * @param defense Restores tiles; borrowed
 * @param settings Size and overlap of tiles
 * @returns The defense; disposing it disposes the given one
 * @throws {RangeError} If the overlap is not below the tile's sides, or the defense changes the size of images
 *
 * @example Usage
 * ```ts
 * import { createGenerator, createRandom } from "@realign/core";
 * import { generatorDefense, tiledDefense } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { width: 4, blocks: 1, downsamplings: 1, norm: "instance", upsampling: "transposed", size: [8, 8] } as const;
 * using generator = createGenerator(settings, createRandom(1));
 * using defense = tiledDefense(generatorDefense(generator), { size: [8, 8], overlap: 2 });
 * const restored = await defense.restore(tf.zeros([1, 20, 13, 3]), createRandom(1));
 * assert.deepEqual(restored.shape, [1, 20, 13, 3]);
 * ```
 */
export function tiledDefense(defense: Defense, settings: TileSettings): Defense & Disposable {
  if (defense.changesSize) {
    throw new RangeError(
      `Cannot restore tile by tile by "${defense.name}" as it changes the size of images`,
    );
  }
  const { size: [height, width], tops } = tileGrid([2 * settings.size[0], 1], settings);
  const { gradient, version } = defense;
  return {
    name: defense.name,
    ...(version !== undefined &&
      { version: `${version}, tiles ${height}x${width} every ${tops[1]}` }),
    variables: defense.variables,
    random: isRandom(defense),
    ...(defense.positional && { positional: true }),
    ...(gradient && { gradient: gradientOfTiles(gradient, settings) }),
    async restore(images, random) {
      const plan = planOf(images.shape, settings);
      using held = new HeldTensors();
      const tiles = held.keep(tf.tidy(() => cutTiles(images, plan.grid)));
      const restored: Images[] = [];
      for (const [index, portion] of plan.portions.entries()) {
        const batch = held.keep(tf.tidy(() => portionOf(tiles, portion, plan.perPortion)));
        restored.push(held.keep(await defense.restore(batch, random.fork(index))));
        batch.dispose();
      }
      return tf.tidy(() => putTogether(restored, plan, images.shape));
    },
    [Symbol.dispose]: () => defense[Symbol.dispose]?.(),
  };
}

function gradientOfTiles(gradient: DefenseGradient, settings: TileSettings): DefenseGradient {
  const draw: DefenseGradient["draw"] = ([batch, height, width, channels], random: Random) => {
    const { portions, perPortion, grid } = planOf([batch, height, width, channels], settings);
    const shape: Images["shape"] = [perPortion * batch, ...grid.size, channels];
    return Object.fromEntries(
      portions.map((_, index) => [index, gradient.draw!(shape, random.fork(index))]),
    );
  };
  return {
    exact: gradient.exact,
    ...(gradient.assumed && { assumed: true }),
    ...(gradient.draw && { draw }),
    apply(images, noise) {
      const plan = planOf(images.shape, settings);
      const tiles = cutTiles(images, plan.grid);
      const restored = plan.portions.map((portion, index) =>
        gradient.apply(
          portionOf(tiles, portion, plan.perPortion),
          (noise[index] ?? {}) as tf.TensorContainerObject,
        )
      );
      return putTogether(restored, plan, images.shape);
    },
  };
}
