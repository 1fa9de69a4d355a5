/**
 * A few examples for the report: clean, attacked, restored, and what O says of each.
 *
 * @module
 */
import type { Batch } from "@realign/core";
import { createEvaluationBatches, createRandom, victimOf } from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import { type Defense, picturesOf } from "@realign/core/defenses";
import * as tf from "@realign/core/tf";
import { subset } from "@realign/datasets";
import type { Sample } from "../files/samples.ts";
import type { AnyDataset, Workbench } from "../workbench.ts";

/** How many examples a report shows at most. */
const SAMPLES = 6;
/** How many are looked through for different classes. */
const SEARCHED = 64;

/**
 * Makes the pictures of a report by the first attack of the preset's evaluation.
 *
 * @param bench O with its weights, and the data
 * @param generator What restores
 * @returns The attack's name and the examples; none where the preset names no attack
 */
export async function collectSamples(
  { preset, task, target, test }: Workbench,
  generator: Defense,
): Promise<{ attack: string; samples: Sample[] }> {
  const [first] = Object.entries(preset.evaluation.attacks);
  if (!first) return { attack: "", samples: [] };
  const [name, settings] = first;
  const chosen = await chooseExamples(test);
  const batchSize = chosen.length;
  const examples = subset(test, chosen.map(({ index }) => index));
  const samples: Sample[] = [];
  using attack = createAttack(settings, victimOf({ task, target }), task.attacks);
  for await (const batch of createEvaluationBatches(examples, task, { batchSize })) {
    // deno-lint-ignore no-explicit-any -- each task has its own labels; they are passed through
    const { images: clean, labels, ids, count }: Batch<any> = batch;
    const adversarial = await attack.perturb(clean, labels, createRandom(preset.seed, "samples"));
    const restored = await generator.restore(adversarial);
    const states = await Promise.all([clean, adversarial, restored].map(async (images) => {
      const output = tf.tidy(() => target.forward(images));
      const said = await task.describe(output, count);
      tf.dispose(output);
      return { pictures: await picturesOf(images), said };
    }));
    tf.dispose([clean, adversarial, restored, labels]);
    for (let row = 0; row < count; row++) {
      const [c, a, r] = states.map(({ pictures, said }) => ({
        picture: pictures[row],
        said: said[row],
      }));
      samples.push({
        id: ids[row],
        truth: chosen[row].truth,
        clean: c.picture,
        adversarial: a.picture,
        restored: r.picture,
        predictions: { clean: c.said, adversarial: a.said, restored: r.said },
      });
    }
  }
  return { attack: name, samples };
}

/** The first example of each class, as far as classes are known; else the first examples. */
async function chooseExamples(test: AnyDataset): Promise<{ index: number; truth: string }[]> {
  const chosen: { index: number; truth: string }[] = [];
  for (let index = 0; index < Math.min(SEARCHED, test.length); index++) {
    const { annotation } = await test.read(index);
    const truth = test.classNames[(annotation as { class?: number })?.class ?? -1] ?? "";
    if (truth === "" || !chosen.some((other) => other.truth === truth)) {
      chosen.push({ index, truth });
    }
    if (chosen.length === SAMPLES) break;
  }
  return chosen;
}
