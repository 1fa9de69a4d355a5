/**
 * O's features of x^c, x^a, x̂^c and x̂^a, for the report (the paper's Fig. 1 and 6).
 *
 * @module
 */
import {
  type AnySystems,
  centreDistance,
  createRandom,
  type EvaluationRow,
  neighbourAgreement,
  type Random,
  silhouette,
} from "@realign/core";
import * as tf from "@realign/core/tf";
import {
  FEATURE_STATES,
  type FeatureMeasures,
  type FeatureState,
  type KeptFeatures,
  perState,
} from "../runs/feature_file.ts";
import type { Output } from "../terminal/output.ts";
import { embed, ITERATIONS } from "./embed.ts";
import { attackShown, chooseShown, legendOf, type ShownBatch } from "./shown.ts";
import type { Workbench } from "./workbench.ts";

/** About how many vectors a state has, and the most images that they are of. */
const ROWS = 200;
/** Images that pixels are spread over. */
const SPREAD = 24;
/** With fewer, there is nothing to see. */
const FEWEST = 8;

/** Vectors of each state, and their classes, which are the same in all. */
type Collected = Record<FeatureState, Float32Array[]> & { readonly classes: number[] };

/**
 * Collects features of images that are drawn by the preset's seed: one an image, or of pixels or boxes
 * that are drawn by it as well, classes in equal parts as far as there are enough; embeds all states at
 * once, and measures how the classes lie.
 *
 * @param bench O with its weights, and the data
 * @param systems The evaluated systems
 * @param row A row of the shown attack
 * @param output For progress and warnings; its signal ends the work
 * @returns Undefined without an attack or a defense, with too few vectors, or where some are not numbers
 */
export async function collectFeatures(
  bench: Workbench,
  systems: AnySystems,
  row: EvaluationRow | undefined,
  output: Output,
): Promise<KeptFeatures | undefined> {
  const { preset, test } = bench;
  const shown = chooseShown(preset, systems, row);
  if (!shown) return undefined;
  const random = createRandom(preset.seed, "features");
  const indices = [...random.permutation(test.length)].slice(0, ROWS);
  const collected: Collected = { ...perState((): Float32Array[] => []), classes: [] };
  const signal = output.interruption.signal;
  let images = 0;
  {
    using progress = output.progress.start("features", ROWS, "vectors");
    for await (const batch of attackShown(bench, shown, indices, "features", signal)) {
      const share = Math.ceil(ROWS * batch.count / Math.min(SPREAD, indices.length));
      const quota = Math.min(share, ROWS - collected.classes.length);
      await addRows(bench, batch, quota, random.fork("rows", images), collected);
      images += batch.count;
      progress.update(Math.min(collected.classes.length, ROWS));
      if (collected.classes.length >= ROWS) break;
    }
  }
  const { classes, ...states } = collected;
  if (classes.length < FEWEST) return undefined;
  const vectors = FEATURE_STATES.flatMap((state) => states[state]);
  if (!vectors.every((vector) => vector.every(Number.isFinite))) {
    output.warn("some features of O are not numbers, so the report shows no map of them");
    return undefined;
  }
  using progress = output.progress.start("map of features", ITERATIONS, "steps");
  const points = await embed(vectors, preset.seed, async (step) => {
    progress.update(step);
    await output.interruption.pause();
  });
  return {
    attack: shown.attack,
    restoredBy: shown.system.title,
    length: vectors[0].length,
    images,
    legend: legendOf(test),
    classes,
    points: perState((state) => {
      const at = classes.length * FEATURE_STATES.indexOf(state);
      return points.slice(at, at + classes.length);
    }),
    measures: perState((state) => measure(states[state], states.clean, classes)),
  };
}

/** Adds the features of a batch's vectors, the same ones in each state. */
async function addRows(
  { task, target }: Workbench,
  { labels, count, clean, adversarial, restore, answerRestored }: ShownBatch,
  quota: number,
  random: Random,
  collected: Collected,
): Promise<void> {
  const restored = await restore(adversarial);
  const images = { clean, adversarial, restored, restoredClean: await restore(clean) };
  const own = (images: tf.Tensor4D) => target.forward(images);
  const answers = {
    clean: own,
    adversarial: own,
    restored: answerRestored,
    restoredClean: answerRestored,
  };
  let rows: number[] | undefined;
  for (const state of FEATURE_STATES) {
    const { vectors, classes } = tf.tidy(() => ({
      ...task.extractFeatures(answers[state](images[state]), labels),
    }));
    try {
      if (!rows) {
        const perImage = classes.shape[0] / clean.shape[0];
        const all = [...await classes.data()].slice(0, count * perImage);
        rows = drawRows(all, quota, random);
        collected.classes.push(...rows.map((row) => all[row]));
      }
      if (rows.length === 0) return;
      const taken = tf.tidy(() => tf.gather(vectors, tf.tensor1d(rows!, "int32")));
      const data = await taken.data() as Float32Array;
      taken.dispose();
      const length = data.length / rows.length;
      for (const [at] of rows.entries()) {
        collected[state].push(data.slice(at * length, (at + 1) * length));
      }
    } finally {
      tf.dispose([vectors, classes]);
    }
  }
}

/** Draws rows, one of each class in turn; ignored rows are left out. */
function drawRows(classes: readonly number[], quota: number, random: Random): number[] {
  const order = [...random.permutation(classes.length)].filter((row) => classes[row] >= 0);
  const groups = [...Map.groupBy(order, (row) => classes[row]).values()];
  const deepest = Math.max(0, ...groups.map((group) => group.length));
  const drawn: number[] = [];
  for (let turn = 0; turn < deepest; turn++) {
    drawn.push(...groups.flatMap((group) => group.slice(turn, turn + 1)));
    if (drawn.length >= quota) break;
  }
  return drawn.slice(0, quota);
}

function measure(
  vectors: readonly Float32Array[],
  clean: readonly Float32Array[],
  classes: readonly number[],
): FeatureMeasures {
  const set = { vectors, classes };
  return {
    centreDistance: round(centreDistance(set, { vectors: clean, classes })),
    silhouette: round(silhouette(set)),
    neighbourAgreement: round(neighbourAgreement(set)),
  };
}

function round(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(4));
}
