/**
 * Sliding windows over pictures of one size, as networks for dense prediction are tested at full size.
 *
 * @module
 */
import type { Dataset, Example } from "./dataset.ts";
import type { Preset, WindowSettings } from "./preset.ts";
import type { Metric, TaskAdapter } from "./task.ts";
import type * as tf from "./tf.ts";

/** A window's place. */
export interface Window {
  readonly top: number;
  readonly left: number;
  /** Whether the network sees it mirrored, left to right. */
  readonly mirrored: boolean;
}

/** The windows of every picture, in the order of the examples that they become. */
export interface WindowLayout {
  /** `[height, width]` of a picture. */
  readonly picture: readonly [number, number];
  /** `[height, width]` of a window. */
  readonly size: readonly [number, number];
  readonly windows: readonly Window[];
}

/** What a task does with windows. */
export interface WindowSupport<O, L, A> {
  /** Cuts a window out of an example, the picture and what is known of it. */
  cut(example: Example<A>, size: readonly [number, number], window: Window): Example<A>;
  /** Accumulates windows in the layout's order, picture by picture, and measures whole pictures. */
  createMetric(layout: WindowLayout): Metric<O, L>;
}

/**
 * The windows that a preset's evaluation asks for.
 *
 * @param evaluation Of a preset
 * @param task Which must know of windows
 * @returns The task's support and the layout; undefined where pictures are tested as a whole
 * @throws {RangeError} If the task knows of no windows, or they do not fit into a picture
 *
 * @example Usage
 * ```ts
 * import { windowsOf } from "@realign/core";
 * import { createToyTask, toyPreset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(windowsOf(toyPreset.evaluation, createToyTask()), undefined);
 * ```
 */
export function windowsOf<O extends tf.TensorContainer, L extends tf.TensorContainer, A>(
  { window }: Pick<Preset["evaluation"], "window">,
  { name, windows: support }: Pick<TaskAdapter<O, L, A>, "name" | "windows">,
): { readonly support: WindowSupport<O, L, A>; readonly layout: WindowLayout } | undefined {
  if (!window) return undefined;
  if (!support) {
    throw new RangeError(
      `Cannot set evaluation.window as the task ${name} cannot be tested in windows`,
    );
  }
  return { support, layout: layWindows(window) };
}

/** semseg's: a window overlaps the next one by a third. */
const STRIDE = 2 / 3;

/**
 * Lays windows over a picture: as many as cover it, the last ones moved back to end with it. A mirrored
 * window follows its like.
 *
 * @param settings Size of pictures and windows, stride, mirroring
 * @returns The windows, row by row
 * @throws {RangeError} If a window is larger than a picture
 *
 * @example Usage
 * ```ts
 * import { layWindows } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const { windows } = layWindows({ picture: [4, 7], size: [4, 3], mirror: false });
 * assert.deepEqual(windows.map(({ left }) => left), [0, 2, 4]);
 * ```
 */
export function layWindows(
  { picture, size, stride = STRIDE, mirror = true }: WindowSettings,
): WindowLayout {
  const [tops, lefts] = [0, 1].map((axis) => {
    if (size[axis] > picture[axis]) {
      throw new RangeError(
        `Cannot lay windows of ${size.join("x")} over pictures of ${
          picture.join("x")
        } as a window must not be larger: lower evaluation.window.size`,
      );
    }
    const step = Math.ceil(size[axis] * stride);
    const last = picture[axis] - size[axis];
    return Array.from(
      { length: Math.ceil(last / step) + 1 },
      (_, index) => Math.min(index * step, last),
    );
  });
  const windows = tops.flatMap((top) =>
    lefts.flatMap((left) =>
      (mirror ? [false, true] : [false]).map((mirrored) => ({ top, left, mirrored }))
    )
  );
  return { picture, size, windows };
}

/**
 * A dataset of windows: each picture becomes as many examples as there are windows, one after the other.
 *
 * @param dataset Whole pictures, of the layout's size
 * @param support How the task cuts
 * @param layout The windows
 * @returns Its length is that of the dataset times the number of windows
 * @throws {RangeError} If pictures have another size
 *
 * @example Usage
 * ```ts
 * import { layWindows, slideWindows } from "@realign/core";
 * import { createToyDataset } from "./testing/toy_task.ts";
 * import assert from "node:assert/strict";
 *
 * const layout = layWindows({ picture: [8, 8], size: [4, 4] });
 * const windows = slideWindows(createToyDataset(3), { cut: (example) => example }, layout);
 * assert.equal(windows.length, 3 * 9 * 2);
 * ```
 */
export function slideWindows<A>(
  dataset: Dataset<A>,
  { cut }: Pick<WindowSupport<tf.TensorContainer, tf.TensorContainer, A>, "cut">,
  layout: WindowLayout,
): Dataset<A> {
  const { picture, size, windows } = layout;
  if (dataset.size[0] !== picture[0] || dataset.size[1] !== picture[1]) {
    throw new RangeError(
      `Cannot slide windows over ${dataset.name} as its pictures must be ${
        picture.join("x")
      }: current size is ${dataset.size.join("x")}`,
    );
  }
  // All windows of a picture are read one after the other: it is decoded once.
  let last: { readonly index: number; readonly example: Promise<Example<A>> } | undefined;
  const readWhole = (index: number): Promise<Example<A>> => {
    if (last?.index !== index) last = { index, example: dataset.read(index) };
    return last.example;
  };
  return {
    ...dataset,
    size,
    length: dataset.length * windows.length,
    digest: `${dataset.digest} in windows ${JSON.stringify([size, windows])}`,
    async read(index) {
      const window = windows[index % windows.length];
      const whole = await readWhole(Math.floor(index / windows.length));
      const { top, left, mirrored } = window;
      const id = `${whole.id}@${top},${left}${mirrored ? " mirrored" : ""}`;
      return { ...cut(whole, size, window), id };
    },
  };
}
