/**
 * A few examples for the report: clean, attacked, restored, and what O says of each.
 *
 * @module
 */
import type { Batch, Overlay } from "@realign/core";
import { createEvaluationBatches, createRandom, victimOf } from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import { type Defense, picturesOf } from "@realign/core/defenses";
import * as tf from "@realign/core/tf";
import { subset, vocColour } from "@realign/datasets";
import type { LegendEntry, Sample } from "../runs/sample_files.ts";
import type { AnyDataset } from "./open_split.ts";
import type { AnyTask, Workbench } from "./workbench.ts";

/** How many examples a report shows at most. */
const SAMPLES = 6;
/** How many are looked through for different classes. */
const SEARCHED = 64;

/** Examples in their three states. */
export interface CollectedSamples {
  /** The attack's name. */
  readonly attack: string;
  readonly samples: readonly Sample[];
  /** The classes, in order, and their colours. */
  readonly legend: readonly LegendEntry[];
}

/**
 * Makes the pictures of a report.
 *
 * @param bench O with its weights, and the data
 * @param generator What restores
 * @param name Which attack of the preset's evaluation they show; none where there is none
 * @returns The attack's name, the examples and their colours
 */
export async function collectSamples(
  { preset, task, target, test }: Workbench,
  generator: Defense,
  name: string | undefined,
): Promise<CollectedSamples> {
  const legend = test.classNames.map((name, index) => ({
    name,
    colour: test.classColours?.[index] ?? vocColour(index + 1),
  }));
  if (name === undefined) return { attack: "", samples: [], legend };
  const settings = preset.evaluation.attacks[name];
  const chosen = await chooseExamples(test, task);
  const { batchSize } = preset.evaluation;
  const examples = subset(test, chosen.map(({ index }) => index));
  const samples: Sample[] = [];
  using attack = createAttack(settings, victimOf({ task, target }), task.attacks);
  for await (const batch of createEvaluationBatches(examples, task, { batchSize })) {
    // deno-lint-ignore no-explicit-any -- each task has its own labels; they are passed through
    const { images: clean, labels, ids, count }: Batch<any> = batch;
    const random = createRandom(preset.seed, "samples", samples.length);
    const adversarial = await attack.perturb(clean, labels, random);
    const restored = await generator.restore(adversarial, random.fork("restore"));
    const states = await Promise.all([clean, adversarial, restored].map(async (images) => {
      const output = tf.tidy(() => target.forward(images));
      const said = await task.describe(output, count);
      const drawn = await task.draw?.(output, count);
      tf.dispose(output);
      return { pictures: await picturesOf(images), said, drawn };
    }));
    tf.dispose([clean, adversarial, restored, labels]);
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
  return { attack: name, samples, legend };
}

interface Choice {
  readonly index: number;
  readonly truth: string;
  readonly drawnTruth?: Overlay;
}

/** The first example of each class where a picture has one, else examples from all over the set. */
async function chooseExamples(test: AnyDataset, task: AnyTask): Promise<Choice[]> {
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
