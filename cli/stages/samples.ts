/**
 * A few examples for the report: clean, attacked and restored, with O's predictions.
 *
 * @module
 */
import {
  type AnySystems,
  type AnyTask,
  createEvaluationBatches,
  createRandom,
  type EvaluationRow,
  HeldTensors,
  type Overlay,
  picturesOf,
  victimOf,
} from "@realign/core";
import { createAttack, stoppableVictim } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { subset, vocColour } from "@realign/datasets";
import type { CollectedSamples, Sample } from "../runs/sample_files.ts";
import type { Workbench } from "./workbench.ts";

/** How many examples a report shows at most. */
const SAMPLES = 6;
/** How many are searched for different classes. */
const SEARCHED = 64;

/**
 * Creates a report's example images: attacked on O alone, restored by the run's own system.
 *
 * @param bench O with its weights, and the data
 * @param systems The evaluated systems
 * @param row A row of the shown attack
 * @param signal Ends the attack
 * @returns The attack's name, the examples and their colours; undefined without an attack or a defense
 */
export async function collectSamples(
  bench: Workbench,
  { list }: AnySystems,
  row: EvaluationRow | undefined,
  signal?: AbortSignal,
): Promise<CollectedSamples | undefined> {
  const system = list.find(({ role }) => role === "subject") ??
    list.find(({ defense, role }) => defense && role !== "control");
  if (!row?.settings || !system?.defense) return undefined;
  const { preset, task, target, test } = bench;
  const settings = preset.evaluation.threatModels[row.threatModel].attacks[row.attack];
  const chosen = await chooseExamples(test, task);
  const { batchSize } = preset.evaluation;
  const examples = subset(test, chosen.map(({ index }) => index));
  const samples: Sample[] = [];
  using attack = createAttack(
    settings,
    stoppableVictim(victimOf({ task, target }), signal),
    task.attacks,
  );
  for await (const batch of createEvaluationBatches(examples, task, { batchSize })) {
    using held = new HeldTensors();
    const { images: clean, labels, ids, count } = batch;
    held.keep([clean, labels]);
    const random = createRandom(preset.seed, "samples", samples.length);
    const adversarial = held.keep(await attack.perturb(clean, labels, random));
    const noise = random.fork("restore", system.name);
    const restored = held.keep(await system.defense.restore(adversarial, noise));
    const states = await Promise.all([clean, adversarial, restored].map(async (images) => {
      const output = held.keep(tf.tidy(() => target.forward(images)));
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
  const legend = test.classNames.map((name, index) => ({
    name,
    colour: test.classColours?.[index] ?? vocColour(index + 1),
  }));
  return { attack: row.attack, restoredBy: system.title, samples, legend };
}
interface Choice {
  readonly index: number;
  readonly truth: string;
  readonly drawnTruth?: Overlay;
}

/** The first example of each class if images have one class, else evenly spaced examples. */
async function chooseExamples(test: Workbench["test"], task: AnyTask): Promise<Choice[]> {
  const drawTruth = task.drawTruth?.bind(task);
  const choose = (index: number, annotation: unknown, truth: string): Choice => ({
    index,
    truth,
    ...drawTruth && { drawnTruth: drawTruth(annotation) },
  });
  const chosen: Choice[] = [];
  if (task.describeTruth) {
    for (let index = 0; index < Math.min(SEARCHED, test.length); index++) {
      const { annotation } = await test.read(index);
      const truth = task.describeTruth(annotation);
      if (!chosen.some((other) => other.truth === truth)) {
        chosen.push(choose(index, annotation, truth));
      }
      if (chosen.length === SAMPLES) break;
    }
    return chosen;
  }
  const count = Math.min(SAMPLES, test.length);
  for (let place = 0; place < count; place++) {
    const index = Math.floor(place * test.length / count);
    chosen.push(choose(index, (await test.read(index)).annotation, ""));
  }
  return chosen;
}
