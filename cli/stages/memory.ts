/**
 * Refuses networks and batches that do not fit into memory, before they are allocated.
 *
 * @module
 */
import {
  type AnyTask,
  attacksSubstitutes,
  createDiscriminator,
  createPerceptual,
  createRandom,
  hasWeights,
  measureWeights,
  type Preset,
  presetOn,
} from "@realign/core";
import { createCritic, createRestorer, recipeOf } from "@realign/core/recipes";

/** Weights, their gradients and Adam's two moments. */
const TRAINED = 4;

/** In place of a network that a rival has not. */
const NOTHING: Disposable = { [Symbol.dispose]() {} };

/** The setting that determines each network's size. */
const SETTINGS = {
  target: "target.architecture",
  generator: "generator.width",
  discriminator: "discriminator.width",
  perceptual: "perceptual.width",
  substitutes: "evaluation.substitutes",
} as const;

type Sizes = Partial<Record<keyof typeof SETTINGS, number>>;

/** Formats bytes, e.g. "1.5 GiB". */
function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  const unit = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${(bytes / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
}

/** The machine's memory in bytes; undefined if unknown. */
function totalMemory(): number | undefined {
  try {
    return Deno.systemMemoryInfo().total;
  } catch {
    return undefined;
  }
}

/** Bytes of a network's weights; 0 if it cannot be built, which building it will report. */
function measure(build: () => Disposable): number {
  try {
    return measureWeights(build);
  } catch {
    return 0;
  }
}

/**
 * Refuses networks that do not fit into memory.
 *
 * @param preset Its networks
 * @param createTask Makes the tasks whose targets these are
 * @param training Whether G and D are trained; if not, D is not built
 * @param memory Available bytes. Default: the machine's
 * @throws {RangeError} With the bytes of each network, and the setting to lower
 */
export function assertMemory(
  preset: Preset,
  createTask: (preset: Preset) => AnyTask,
  training: boolean,
  memory: number | undefined = totalMemory(),
): void {
  if (memory === undefined) return;
  const random = createRandom(preset.seed);
  const conditionChannels = preset.discriminator.condition === "labels"
    ? createTask(preset).labelImages?.channels
    : 0;
  const { discriminator, perceptual, evaluation } = preset;
  const substitutes = attacksSubstitutes(evaluation) ? evaluation.substitutes : undefined;
  const bytesOf = (one: Preset) =>
    measure(() => createTask(one).createTarget(one.target.architecture, random));
  const sizes: Sizes = {
    target: bytesOf(preset),
    generator: (training ? TRAINED : 1) * measure(() => createRestorer(preset)),
    ...(training && {
      discriminator: TRAINED *
        measure(() =>
          recipeOf(preset)
            ? createCritic(preset) ?? NOTHING
            : createDiscriminator(discriminator, random, conditionChannels)
        ),
      perceptual: measure(() => createPerceptual(perceptual, random)),
    }),
    // They are trained after G, one by one, and attacked together.
    ...(substitutes && !training && {
      substitutes: Object.values(substitutes).reduce(
        (sum, other) => sum + bytesOf(presetOn(preset, other)),
        0,
      ),
    }),
  };
  const parts = Object.entries(sizes) as [keyof Sizes, number][];
  const sum = parts.reduce((bytes, [, size]) => bytes + size, 0);
  if (sum <= memory) return;
  const [largest] = parts.reduce((most, part) => part[1] > most[1] ? part : most);
  throw new RangeError(
    `Cannot build the networks as their weights${training ? " and training state" : ""} take ${
      formatBytes(sum)
    } (${parts.map(([name, size]) => `${name} ${formatBytes(size)}`).join(", ")}) of ${
      formatBytes(memory)
    }: lower ${SETTINGS[largest]}`,
  );
}

/** Bytes of one number. */
const FLOAT = 4;

/** Numbers of `channels` maps of an image's size. */
const maps = ([height, width]: readonly [number, number], channels: number) =>
  height * width * channels;

/**
 * The least bytes of each kind of batch by the setting that determines it: its images, and what G's and
 * Φ's first layer makes of them.
 */
function leastBatches(preset: Preset, training: boolean, examples: number): Map<string, number> {
  const { dataset, target, generator, perceptual, train, evaluation } = preset;
  const seen = maps(dataset.size, 3) + maps(target.size, 3);
  const measured = Math.min(evaluation.batchSize, examples);
  const sizes = new Map([["evaluation.batchSize", measured * seen]]);
  if (!training) return sizes;
  const restored = maps(generator.size, 3 + generator.width) + maps(dataset.size, perceptual.width);
  // Clean and adversarial images.
  const moved = 2 * train.batchSize / (train.accumulate ?? 1) * (seen + restored);
  return sizes
    .set("target.train.batchSize", hasWeights(target) ? 0 : target.train.batchSize * seen)
    .set(train.accumulate ? "train.batchSize / train.accumulate" : "train.batchSize", moved);
}

/**
 * Refuses batches that cannot fit into memory: a bound from below, as what a network needs is known only
 * once it runs.
 *
 * @param preset Its batch sizes and sizes of images
 * @param training Whether O and G are trained
 * @param examples Examples that are measured; no batch of an evaluation is larger
 * @param memory Available bytes. Default: the machine's
 * @throws {RangeError} With the bytes of the batch, and the settings to lower
 */
export function assertBatches(
  preset: Preset,
  training: boolean,
  examples: number,
  memory: number | undefined = totalMemory(),
): void {
  if (memory === undefined) return;
  for (const [setting, numbers] of leastBatches(preset, training, examples)) {
    const bytes = FLOAT * numbers;
    if (bytes <= memory) continue;
    throw new RangeError(
      `Cannot hold a batch as its images and their first maps take at least ${
        formatBytes(bytes)
      } of ${formatBytes(memory)}: lower ${setting}, dataset.size, target.size or generator.size`,
    );
  }
}
