/**
 * A few examples for the report: clean, attacked and restored, with O's predictions.
 *
 * @module
 */
import {
  type AnySystems,
  type AnyTask,
  createRandom,
  type EvaluationRow,
  HeldTensors,
  type Overlay,
  picturesOf,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import type { CollectedSamples, Sample } from "../runs/sample_files.ts";
import type { AnyDataset } from "./open_split.ts";
import { attackShown, chooseShown, legendOf } from "./shown.ts";
import type { Workbench } from "./workbench.ts";

/** How many examples a report shows at most. */
const SAMPLES = 6;
/** How many are searched for different classes. */
const SEARCHED = 64;

/**
 * Creates a report's example images: attacked on O alone, restored by the run's own system. They are
 * drawn by the preset's seed, not chosen by how they come out.
 *
 * @param bench O with its weights, and the data
 * @param systems The evaluated systems
 * @param row A row of the shown attack
 * @param signal Ends the attack
 * @returns The attack's name, the examples and their colours; undefined without an attack or a defense
 */
export async function collectSamples(
  bench: Workbench,
  systems: AnySystems,
  row: EvaluationRow | undefined,
  signal?: AbortSignal,
): Promise<CollectedSamples | undefined> {
  const { preset, task, target, test } = bench;
  const shown = chooseShown(preset, systems, row);
  if (!shown) return undefined;
  const chosen = await chooseExamples(test, task, preset.seed);
  const indices = chosen.map(({ index }) => index);
  const samples: Sample[] = [];
  for await (const batch of attackShown(bench, shown, indices, "samples", signal)) {
    using held = new HeldTensors();
    const { ids, count, clean, adversarial } = batch;
    const restored = await batch.restore(adversarial);
    const own = (images: tf.Tensor4D) => target.forward(images);
    const asked = [[clean, own], [adversarial, own], [restored, batch.answerRestored]] as const;
    const states = await Promise.all(asked.map(async ([images, answer]) => {
      const output = held.keep(tf.tidy(() => answer(images)));
      const said = await task.describe(output, count);
      const drawn = await task.draw?.(output, count);
      return { pictures: await picturesOf(images), said, drawn };
    }));
    for (let row = 0; row < count; row++) {
      const { truth, drawnTruth } = chosen[samples.length];
      const [c, a, r] = states.map(({ pictures, said, drawn }) => ({
        picture: pictures[row],
        said: said[row],
        drawn: drawn?.[row],
      }));
      samples.push({
        id: ids[row],
        truth,
        clean: c.picture,
        adversarial: a.picture,
        restored: r.picture,
        predictions: { clean: c.said, adversarial: a.said, restored: r.said },
        ...drawnTruth && c.drawn && a.drawn && r.drawn && {
          overlays: {
            truth: drawnTruth,
            clean: c.drawn,
            adversarial: a.drawn,
            restored: r.drawn,
          },
        },
      });
    }
  }
  const { attack, system } = shown;
  return { attack, restoredBy: system.title, samples, legend: legendOf(test) };
}

/** An example, and what is true of it. */
export interface Choice {
  readonly index: number;
  /** In words; empty where the task has none. */
  readonly truth: string;
  readonly drawnTruth?: Overlay;
}

/** Examples in random order: the first of each class if images have one class, else the first ones. */
export async function chooseExamples(
  test: AnyDataset,
  task: AnyTask,
  seed: number,
): Promise<Choice[]> {
  const order = [...createRandom(seed, "sample order").permutation(test.length)];
  const drawTruth = task.drawTruth?.bind(task);
  const chosen: Choice[] = [];
  for (const index of order.slice(0, task.describeTruth ? SEARCHED : SAMPLES)) {
    const { annotation } = await test.read(index);
    const truth = task.describeTruth?.(annotation) ?? "";
    if (truth !== "" && chosen.some((other) => other.truth === truth)) continue;
    chosen.push({ index, truth, ...drawTruth && { drawnTruth: drawTruth(annotation) } });
    if (chosen.length === SAMPLES) break;
  }
  return chosen;
}
