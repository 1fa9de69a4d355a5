/**
 * What targets of all tasks from ONNX files have in common: how images come in, and how values come out.
 *
 * @module
 */
import {
  type Images,
  type Normalization,
  normalizeImages,
  resizeImages,
  type TargetModel,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import { type ClassColumns, classColumns, type OnnxClasses } from "./class_columns.ts";
import type { OnnxModel } from "./model.ts";
import { type ImageLayout, prepareOnnx } from "./prepare.ts";
import { imageSizeOf } from "./suggest.ts";
import { TO_ONNX } from "./value.ts";

/** What an ONNX file does not say of its images and classes, or what is guessed wrongly. */
export interface OnnxTargetOptions extends OnnxClasses {
  /**
   * What images in `[0, 1]` are normalised by, red first. A model of pixels in [0, 255] has a mean of 0 and a deviation
   * of 1 / 255. Default: they go in as they are
   */
  readonly normalization?: Normalization;
  /** `[height, width]` of the model's input. Default: as the file says it */
  readonly size?: readonly [number, number];
  /** How the model takes images. Default: as its input's shape says, "nchw" where it does not */
  readonly layout?: ImageLayout;
  /** Whether the model takes red first or blue. @default {"rgb"} */
  readonly channels?: "rgb" | "bgr";
}

/** The values of one run, by name. */
export interface OnnxValues {
  /** `[height, width]` of the images that the model was given. */
  readonly size: readonly [number, number];
  /** A value, its axes in ONNX's order. */
  get(name: string): tf.Tensor;
  /** A map `[B, h, w, C]`. Throws RangeError if the value is none. */
  map(name: string): tf.Tensor4D;
  /** Where the wanted classes stand. */
  readonly columns: ClassColumns;
}

/** How a task makes its output of a model's values. */
export interface OnnxTargetPlan<Output> {
  /** For errors, e.g. "a classifier". */
  readonly kind: string;
  /** The values that are wanted. */
  readonly outputs: readonly string[];
  /** Makes the task's output: differentiable, without reading tensors. */
  readonly read: (values: OnnxValues) => Output;
  /** What else the output follows from: part of the target's `source`. Default: nothing */
  readonly facts?: object;
  /** Whether images of one size alone can be taken, whatever the file says. @default {false} */
  readonly isFixed?: boolean;
}

/** Throws a RangeError on how a model cannot be used. */
export function refuseModel({ origin }: OnnxModel, kind: string, reason: string): never {
  throw new RangeError(`Cannot use ${origin} as ${kind} as ${reason}`);
}

/**
 * Makes an ONNX model a target. It is frozen: what it would need for a training no file holds.
 *
 * @param model What {@linkcode readOnnx} read
 * @param plan Which values are wanted, and what is made of them
 * @param options What the file does not say
 * @returns The target, to be disposed of by the caller. Called for a training it throws a TypeError
 * @throws {RangeError} If the size is neither told nor in the file, or a class or a value is not there
 * @throws {Error} If operators of the model are not here
 *
 * @example Usage
 * ```ts
 * import { createOnnxTarget, ONNX, readOnnx } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [{ operator: "Neg", inputs: ["images"], outputs: ["negatives"] }],
 *     inputs: [{ name: "images" }],
 *     outputs: [{ name: "negatives" }],
 *   },
 * });
 * using target = createOnnxTarget(await readOnnx(bytes), {
 *   kind: "a negative",
 *   outputs: ["negatives"],
 *   read: (values) => values.map("negatives"),
 * }, { size: [2, 2] });
 * assert.deepEqual(target.forward(tf.ones([1, 4, 4, 3])).shape, [1, 2, 2, 3]);
 * ```
 */
export function createOnnxTarget<Output>(
  model: OnnxModel,
  { kind, outputs, read, facts, isFixed = false }: OnnxTargetPlan<Output>,
  options: OnnxTargetOptions = {},
): TargetModel<Output> {
  const { normalization, layout, channels = "rgb", classNames, classes } = options;
  const fail = (reason: string) => refuseModel(model, kind, reason);
  const size = options.size ?? imageSizeOf(model);
  if (size === undefined) return fail("its file does not say the size of its images: set size");
  const columns = classColumns(options, `use ${model.origin} as ${kind}`);
  const network = prepareOnnx(model, { outputs: [...new Set(outputs)], layout });
  const isOutput = (name: string) => model.outputs.some((output) => output.name === name);
  const valuesOf = (images: Images): OnnxValues => {
    const [, height, width] = images.shape;
    const normal = normalization ? normalizeImages(images, normalization) : images;
    const found = network.run(channels === "bgr" ? tf.reverse(normal, 3) : normal);
    const get = (name: string) => found.get(name)!;
    return {
      size: [height, width],
      get,
      map(name) {
        const map = get(name);
        if (map.rank !== 4) {
          fail(`"${name}" must be [B, C, h, w]: current shape is [${map.shape.join(", ")}]`);
        }
        // Operators work on channels in front, whatever the model's own face is.
        const isLast = (model.outputLayout ?? network.layout) === "nhwc" && isOutput(name);
        return (isLast ? map : tf.transpose(map, [...TO_ONNX])) as tf.Tensor4D;
      },
      columns,
    };
  };
  return {
    name: model.origin,
    normalization,
    source: JSON.stringify({
      digest: model.digest,
      ...{ outputs, layout: network.layout, channels, facts },
      ...(classNames && { classNames, classes }),
    }),
    parameters: network.parameters,
    forward(images, mode = "inference") {
      if (mode === "training") {
        throw new TypeError(
          `Cannot train ${model.origin} as an ONNX model is frozen: train it elsewhere`,
        );
      }
      return read(valuesOf(resizeImages(images, size)));
    },
    // A file that says a size may need it.
    ...(!isFixed && imageSizeOf(model) === undefined && {
      unresized: (images: Images) => read(valuesOf(images)),
    }),
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}
