/**
 * Image quilting as a defense.
 *
 * @module
 */
import type { Images } from "../dataset.ts";
import { option, wholeFrom } from "../options.ts";
import type { Random } from "../random.ts";
import * as tf from "../tf.ts";
import type { HostTensor } from "../weights/parameters.ts";
import { windowStarts } from "../windows.ts";
import type { Defense } from "./defense.ts";
import { defineDefense } from "./definition.ts";
import { digestFitted, fittedBy } from "./fit.ts";
import { createPatchSearch } from "./patch_search.ts";
import { patchFit } from "./patches.ts";
import { stitch } from "./stitch.ts";

/** Settings of {@linkcode quiltingDefense}. */
export interface QuiltingSettings {
  /** Pixels by which neighbouring patches overlap, below a patch's side. */
  readonly overlap: number;
  /** One of so many nearest patches is drawn; 1 is no draw. */
  readonly neighbours: number;
}

/**
 * Rebuilds images from patches of clean training images (Guo et al. 2017): the image is cut into overlapping patches;
 * each becomes the nearest of the database, or one of its nearest; where two overlap, they are cut along the path of
 * least difference (Efros and Freeman 2001).
 *
 * Patches do not follow the image smoothly; attacks take the identity for them (BPDA, Athalye et al. 2018). With several
 * neighbours image i draws from the stream `random.fork("neighbours", i)`.
 *
 * @param patches `[N, side * side * 3]`, levels from 0 to 255, from {@linkcode collectPatches}
 * @param settings Overlap, neighbours
 * @returns The defense; dispose it. It holds the patches on the device
 * @throws {RangeError} If the overlap is not below the patch's side
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { collectPatches, quiltingDefense } from "@realign/core/defenses";
 * import { createToyDataset } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const settings = { patch: 3, patches: 100 };
 * const patches = await collectPatches(createToyDataset(12), settings, createRandom(1));
 * using defense = quiltingDefense(patches, { overlap: 1, neighbours: 1 });
 * const restored = await defense.restore(tf.fill([1, 8, 8, 3], 0.5), createRandom(1));
 * const known = new Set(Array.from(patches.data, (level) => Math.fround(level / 255)));
 * for (const value of restored.dataSync()) assert.ok(known.has(value));
 * ```
 */
export function quiltingDefense(
  patches: HostTensor,
  { overlap, neighbours }: QuiltingSettings,
): Defense & Disposable {
  const size = patches.shape[1];
  const patch = Math.sqrt(size / 3);
  if (!(overlap < patch)) {
    throw new RangeError(
      `Cannot set up "quilting" as overlap must be below the patch's ${patch} pixels: current value is ${overlap}`,
    );
  }
  const search = createPatchSearch(patches, neighbours);
  return {
    name: "quilting",
    variables: [],
    random: search.neighbours > 1,
    gradient: { exact: false, apply: (images) => images },
    async restore(images, random) {
      const [count, height, width] = images.shape;
      assertSize(images.shape, patch);
      const layout = {
        height,
        width,
        patch,
        rows: windowStarts(height, patch, patch - overlap),
        columns: windowStarts(width, patch, patch - overlap),
      };
      const each = layout.rows.length * layout.columns.length;
      const queries = queriesOf(await images.data<"float32">(), images.shape, layout);
      const chosen = choose(await search.find(queries), search.neighbours, each, random);
      const restored = new Float32Array(images.size);
      for (let image = 0; image < count; image++) {
        const whole = stitch(layout, (index) => {
          const at = chosen[image * each + index];
          return patches.data.subarray(at * size, (at + 1) * size);
        });
        restored.set(whole.map((level) => level / 255), image * whole.length);
      }
      return tf.tensor4d(restored, images.shape);
    },
    [Symbol.dispose]: () => search[Symbol.dispose](),
  };
}

function assertSize([, height, width]: Images["shape"], patch: number): void {
  if (Math.min(height, width) >= patch) return;
  throw new RangeError(
    `Cannot quilt images of ${height}x${width} as patches are larger: ${patch}x${patch}`,
  );
}

/** The patches of images, in levels: images in order, their patches row by row. */
function queriesOf(
  values: Float32Array,
  [count, height, width]: Images["shape"],
  { patch, rows, columns }: Parameters<typeof stitch>[0],
): Float32Array {
  const line = 3 * patch;
  const queries = new Float32Array(count * rows.length * columns.length * line * patch);
  let at = 0;
  for (let image = 0; image < count; image++) {
    for (const top of rows) {
      for (const left of columns) {
        for (let y = 0; y < patch; y++) {
          const from = 3 * ((image * height + top + y) * width + left);
          queries.set(values.subarray(from, from + line), at);
          at += line;
        }
      }
    }
  }
  return queries.map((value) => value * 255);
}

/** One of the nearest patches for each place, drawn for each image by itself. */
function choose(found: Int32Array, neighbours: number, each: number, random: Random): Int32Array {
  if (neighbours === 1) return found;
  let stream = random;
  return Int32Array.from({ length: found.length / neighbours }, (_, at) => {
    if (at % each === 0) stream = random.fork("neighbours", at / each);
    return found[at * neighbours + stream.integer(neighbours)];
  });
}

/** Rebuilds images from patches of clean training images (Guo et al. 2017); attacked with the gradient of the identity (BPDA). */
export const quilting = defineDefense({
  title: "Image quilting",
  role: "transformation",
  version: 1,
  options: {
    patch: option(5, wholeFrom(2, 64), "side of a patch in pixels"),
    overlap: option(
      {
        text: "half of patch, rounded down",
        derive: ({ patch = 5 }) => Math.floor(patch as number / 2),
      },
      wholeFrom(0, 63),
      "pixels by which neighbouring patches overlap, fewer than patch",
    ),
    neighbours: option(1, wholeFrom(1, 100), "of how many nearest patches one is drawn"),
    patches: option(
      1_000_000,
      wholeFrom(1, 10_000_000),
      "number of patches of clean training images to choose from, or all that there are; time and memory grow with it",
    ),
  },
  async create({ overlap, neighbours, ...settings }, { fitted }) {
    const known = await fittedBy(patchFit(settings), fitted, "quilting");
    const defense = quiltingDefense(known.get("patches")!, { overlap, neighbours });
    return { ...defense, version: await digestFitted(known) };
  },
});
