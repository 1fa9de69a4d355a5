/**
 * Refuses networks that do not fit into memory, before they are allocated.
 *
 * @module
 */
import {
  type AnyTask,
  createDiscriminator,
  createGenerator,
  createPerceptual,
  createRandom,
  measureWeights,
  type Preset,
} from "@realign/core";

/** Weights, their gradients and Adam's two moments. */
const TRAINED = 4;

/** The setting that determines each network's size. */
const SETTINGS = {
  target: "target.architecture",
  generator: "generator.width",
  discriminator: "discriminator.width",
  perceptual: "perceptual.width",
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
 * @param task Builds O
 * @param training Whether G and D are trained; if not, D is not built
 * @param memory Available bytes. Default: the machine's
 * @throws {RangeError} With the bytes of each network, and the setting to lower
 */
export function assertMemory(
  preset: Preset,
  task: AnyTask,
  training: boolean,
  memory: number | undefined = totalMemory(),
): void {
  if (memory === undefined) return;
  const random = createRandom(preset.seed);
  const { generator, discriminator, perceptual, target } = preset;
  const conditionChannels = discriminator.condition === "labels" ? task.labelImages?.channels : 0;
  const sizes: Sizes = {
    target: measure(() => task.createTarget(target.architecture, random)),
    generator: (training ? TRAINED : 1) * measure(() => createGenerator(generator, random)),
    ...(training && {
      discriminator: TRAINED *
        measure(() => createDiscriminator(discriminator, random, conditionChannels)),
      perceptual: measure(() => createPerceptual(perceptual, random)),
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
