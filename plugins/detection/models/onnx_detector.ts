/**
 * Detectors from ONNX files.
 *
 * @module
 */
import type { TargetModel } from "@realign/core";
import * as tf from "@realign/core/tf";
import {
  createOnnxTarget,
  headInput,
  type OnnxModel,
  type OnnxTargetOptions,
  type OnnxValues,
  refuseModel,
} from "@realign/interop";
import { toCentres } from "../boxes.ts";
import {
  type AnchorList,
  type Anchors,
  type AnchorSettings,
  type Cells,
  createAnchors,
} from "./anchors.ts";
import type { DetectionOutput } from "./network.ts";
import { type BoxSettings, pixelShares, type PriorTensors, readBoxes } from "./onnx_boxes.ts";
import { type Reference, referencesIn, rowsOf } from "./onnx_rows.ts";
import { readScores, type ScoreSettings } from "./onnx_scores.ts";

/**
 * What an ONNX file does not say of a detector. Values are named as they stand in the file, before boxes are decoded
 * and picked; those of several feature maps with commas between, the finest first; columns of a value behind its name,
 * e.g. "output[0:4]".
 */
export interface OnnxDetectorOptions
  extends OnnxTargetOptions, ScoreSettings, BoxSettings, AnchorSettings {
  /** The values of the classes' scores: `[B, N, C]`, `[B, C, N]`, `[B, A C, h, w]` or `[B, A, h, w, C]`. */
  readonly scores?: string;
  /** The values of the boxes, in the same shapes with 4 for C. */
  readonly boxes?: string;
  /** The values that say whether there is something at all, which each class's score is multiplied by. */
  readonly objectness?: string;
  /** The value of the priors in the graph, `[N, 4]`, in pixels. Default: those that `anchors` and its like describe */
  readonly priors?: string;
  /** How the graph's priors are written. @default {"corners"} */
  readonly priorCoding?: "corners" | "centres";
  /** Of the graph's priors. @default {"pixels"} */
  readonly priorUnit?: "pixels" | "shares";
  /** The features' map. Default: what the first convolution of the finest map's head takes */
  readonly features?: string;
}

const KIND = "a detector";

/**
 * Makes an ONNX model a target, cut before its boxes are decoded. It is frozen: what it would need for a training no
 * file holds. Its output is that of the built-in detectors: boxes are offsets from priors with SSD's variances, whatever
 * they were, so that losses, attacks and post-processing are the task's. Scores that do not exclude each other go along
 * with the logits.
 *
 * @param model What `readOnnx` of `@realign/interop` read
 * @param options What the file does not say: at least `scores` and `boxes`, and where the boxes are offsets, from what
 * @returns The detector, to be disposed of by the caller. Called for a training it throws a TypeError
 * @throws {RangeError} If something is neither told nor in the file, or a class or a value is not there
 * @throws {Error} If operators of the model before those values are not here
 *
 * @example Usage
 * ```ts
 * import { createOnnxDetector } from "@realign/detection";
 * import { ONNX, readOnnx } from "@realign/interop";
 * import { writeMessage } from "@realign/interop/wire";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const weight = (name: string, rows: number) =>
 *   ({ name, dims: [rows, 3, 1, 1], type: 1, floats: Array(3 * rows).fill(0.1) });
 * const bytes = writeMessage(ONNX, "Model", {
 *   opsets: [{ version: 17 }],
 *   graph: {
 *     nodes: [
 *       { operator: "Conv", inputs: ["images", "w"], outputs: ["scores"] },
 *       { operator: "Conv", inputs: ["images", "v"], outputs: ["boxes"] },
 *       { operator: "NonMaxSuppression", inputs: ["boxes", "scores"], outputs: ["picked"] },
 *     ],
 *     initializers: [weight("w", 2), weight("v", 4)],
 *     inputs: [{ name: "images" }],
 *     outputs: [{ name: "picked" }],
 *   },
 * });
 * using detector = createOnnxDetector(await readOnnx(bytes, { origin: "cells.onnx" }), {
 *   scores: "scores",
 *   boxes: "boxes",
 *   activation: "sigmoid",
 *   anchorSizes: "3",
 *   size: [4, 4],
 * });
 * const { logits, offsets, features } = detector.forward(tf.ones([2, 8, 8, 3]));
 * assert.deepEqual(logits.shape, [2, 16, 2 + 1]);
 * assert.deepEqual([offsets.shape, features.shape], [[2, 16, 4], [2, 4, 4, 3]]);
 * ```
 */
export function createOnnxDetector(
  model: OnnxModel,
  options: OnnxDetectorOptions = {},
): TargetModel<DetectionOutput> {
  const fail = (reason: string) => refuseModel(model, KIND, reason);
  const { scores, boxes, objectness, priors } = options;
  if (!scores || !boxes) {
    const names = model.outputs.map(({ name }) => `"${name}"`).join(", ");
    return fail(`scores and boxes must be named; its outputs are ${names}`);
  }
  const roles = {
    scores: referencesIn(scores),
    boxes: referencesIn(boxes),
    objectness: objectness ? referencesIn(objectness) : [],
  };
  const features = options.features ?? headInput(model, roles.scores[0].name);
  if (features === undefined) return fail("its heads have no convolution: set features");
  const anchors = priors ? undefined : createAnchors(options, roles.boxes.length, fail);
  const listed = listOnce(anchors);
  const { size: _, normalization: _own, layout: _order, channels: _colours, ...facts } = options;
  return createOnnxTarget(model, {
    kind: KIND,
    facts,
    outputs: [
      ...Object.values(roles).flat().map(({ name }) => name),
      ...(priors ? [priors] : []),
      features,
    ],
    isFixed: anchors?.isFixed,
    read(values) {
      const maps = roles.boxes.map((reference, map) =>
        rowsOf(values, reference, {
          width: reference.columns ? undefined : 4,
          perCell: anchors?.perCell(map),
        }, fail)
      );
      const rows = concat(maps.map(({ rows }) => rows));
      const [batch, count, width] = rows.shape;
      if (width !== 4) fail(`"${boxes}" must have 4 numbers a box: current count is ${width}`);
      const like = (references: readonly Reference[], role: string) => {
        const read = references.map((reference, map) => {
          const each = references.length === 1 ? count : undefined;
          const own = references.length === maps.length ? maps[map].rows.shape[1] : each;
          return rowsOf(values, reference, { count: own }, fail).rows;
        });
        const found = concat(read);
        if (found.shape[1] === count) return found;
        return fail(`"${role}" has ${found.shape[1]} rows, and there are ${count} boxes`);
      };
      const cells = maps.map(({ cells }) => cells);
      const known = priors
        ? graphPriors(values, priors, options, batch)
        : anchors && tensorsOf(listed(values.size, cells), batch);
      const places = known?.priors.shape[1] ?? count;
      if (places !== count) fail(`it has ${count} boxes, and there are ${places} priors`);
      return {
        ...readScores(
          like(roles.scores, scores),
          objectness ? like(roles.objectness, objectness) : undefined,
          options,
          values.columns,
          fail,
        ),
        ...readBoxes(rows, known, options, values.size, fail),
        features: values.map(features),
      };
    },
  }, options);
}

function concat(rows: readonly tf.Tensor3D[]): tf.Tensor3D {
  return rows.length === 1 ? rows[0] : tf.concat([...rows], 1);
}

/** Lists anchors once for a size of images. */
function listOnce(
  anchors: Anchors | undefined,
): (size: Cells, maps: readonly (Cells | undefined)[]) => AnchorList {
  const lists = new Map<string, AnchorList>();
  return (size, maps) => {
    const key = `${size}:${maps.join()}`;
    const list = lists.get(key) ?? anchors!.list(size, maps);
    lists.set(key, list);
    return list;
  };
}

function tensorsOf({ priors, strides }: AnchorList, batch: number): PriorTensors {
  const [one, steps] = [priors, strides].map((list) => tf.tensor3d(list, [1, list.length / 4, 4]));
  return { priors: tf.tile(one, [batch, 1, 1]), strides: steps };
}

/** The priors that the graph itself makes. */
function graphPriors(
  values: OnnxValues,
  name: string,
  { priorCoding = "corners", priorUnit = "pixels" }: OnnxDetectorOptions,
  batch: number,
): PriorTensors {
  const value = values.get(name);
  const given = tf.reshape(value, [-1, value.shape.at(-2)!, 4]) as tf.Tensor3D;
  const all = given.shape[0] === batch ? given : tf.tile(tf.slice(given, 0, 1), [batch, 1, 1]);
  const shares =
    (priorUnit === "pixels" ? tf.mul(all, pixelShares(values.size)) : all) as tf.Tensor3D;
  return { priors: priorCoding === "corners" ? toCentres(shares) : shares };
}
