/**
 * Trainings that are shorter than their preset says: a reader of the figures must know.
 *
 * @module
 */
import { hasWeights, type Preset } from "@realign/core";
import { rivalTitle } from "@realign/core/recipes";

/** What a run is about to train. */
export interface PlannedTrainings {
  /** With all that the command line changed. */
  readonly preset: Preset;
  /** The preset of this name as its plugin has it. */
  readonly original: Preset;
  /** Examples of the opened training split. */
  readonly examples: number;
  /** Steps of each training, where `--steps` says otherwise than the epochs. */
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * Says which trainings of a run end before those of its preset would.
 *
 * @param planned The run's settings beside the preset's
 * @returns Warnings for the run's record
 */
export function cutShort({ preset, original, examples, steps }: PlannedTrainings): string[] {
  const trainings = [
    ...(hasWeights(preset.target) ? [] : [{
      title: "the target network",
      stage: "train-target",
      own: preset.target.train,
      whole: original.target.train,
    }]),
    {
      title: rivalTitle(preset) ?? "the generator",
      stage: "train",
      own: preset.train,
      // A rival's published training is no shorter than it was published.
      whole: preset.recipe?.protocol === "original" ? preset.train : original.train,
    },
  ];
  const shorter = trainings.flatMap(({ title, stage, own, whole }) => {
    const stepsPerEpoch = Math.floor(examples / own.batchSize);
    const totalSteps = steps[stage] ?? Math.round(own.epochs * stepsPerEpoch);
    if (totalSteps >= Math.floor(whole.epochs * stepsPerEpoch)) return [];
    const epochs = totalSteps / stepsPerEpoch;
    const unit = totalSteps === 1 ? "step" : "steps";
    return [
      `${title} was trained for ${Number(epochs.toPrecision(2))} of the preset's ${whole.epochs} ` +
      `epochs (${totalSteps} ${unit}): its figures are those of a training cut short`,
    ];
  });
  return [...shorter, ...fewerImages(preset, original, examples)];
}

/** Only the preset's own data can be cut: another dataset has as many images as it has. */
function fewerImages(preset: Preset, original: Preset, examples: number): string[] {
  const [own, whole] = [preset, original].map(({ dataset }) => dataset.trainExamples || Infinity);
  if (preset.dataset.name !== original.dataset.name || own >= whole) return [];
  const all = whole === Infinity ? "all" : `${whole}`;
  return [`the training used ${examples} images where the preset uses ${all}`];
}
