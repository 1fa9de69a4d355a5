/**
 * Whether half precision gains anything on this machine.
 *
 * @module
 */
import { pause } from "@realign/core";
import { backendInfo, type Precision, record, type RecordedStep } from "@realign/core/backend";
import * as tf from "@realign/core/tf";
import { bfloat16Flags } from "./cpu_flags.ts";

/** Channels of the convolutions that are timed. */
const CHANNELS = [64, 128, 256] as const;
const SIDE = 16;
const BATCH = 4;

/** A step that is timed. */
type Convolution = RecordedStep<{ images: tf.Tensor4D; kernel: tf.Tensor4D }, tf.Tensor[]>;

/** What half precision gains. */
export interface PrecisionGain {
  /** The CPU's instructions for bfloat16; absent where they are not known. */
  readonly instructions?: readonly string[];
  /** By channels of a 3x3 convolution with both gradients: how often as fast as float32. */
  readonly gains: Readonly<Record<number, number>>;
}

/**
 * Times 3x3 convolutions with both gradients in float32 and in bfloat16, by turns.
 *
 * @param options How long each number of channels is repeated, in milliseconds (medians count); what ends it before
 * @returns Instructions and gains; undefined where the backend has one precision
 */
export async function measurePrecision(
  { milliseconds = 700, signal }: { milliseconds?: number; signal?: AbortSignal } = {},
): Promise<PrecisionGain | undefined> {
  if (tf.getBackend() !== "tensorflow") return undefined;
  const { library } = backendInfo() ?? {};
  const gains: Record<number, number> = {};
  for (const channels of CHANNELS) gains[channels] = await gainOf(channels, milliseconds, signal);
  return { instructions: library === undefined ? undefined : bfloat16Flags(library), gains };
}

/** Float32's time over bfloat16's: the median over rounds of both. */
async function gainOf(
  channels: number,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const inputs = tf.tidy(() => ({
    images: tf.fill([BATCH, SIDE, SIDE, channels], 0.5) as tf.Tensor4D,
    kernel: tf.fill([3, 3, channels, channels], 1 / (9 * channels)) as tf.Tensor4D,
  }));
  using whole = convolutionIn("float32");
  using half = convolutionIn("bfloat16");
  const ratios: number[] = [];
  const begun = performance.now();
  // The first round records and compiles, and is not counted.
  for (let round = 0; round < 4 || performance.now() - begun < milliseconds; round++) {
    await pause(signal);
    const seconds: number[] = [];
    for (const step of [whole, half]) {
      const start = performance.now();
      const results = step(inputs);
      await results[0].data();
      seconds.push(performance.now() - start);
      tf.dispose(results);
    }
    if (round > 0) ratios.push(seconds[0] / seconds[1]);
  }
  tf.dispose(inputs);
  return Number(ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)].toFixed(2));
}

/** A convolution and its gradients, as sums: to read them takes no time. */
function convolutionIn(precision: Precision): Convolution {
  return record(({ images, kernel }: { images: tf.Tensor4D; kernel: tf.Tensor4D }) => {
    const { grads } = tf.valueAndGrads((images, kernel) =>
      tf.sum(tf.square(tf.conv2d(images as tf.Tensor4D, kernel as tf.Tensor4D, 1, "same")))
    )([images, kernel]);
    return [tf.add(tf.sum(grads[0]), tf.sum(grads[1]))];
  }, { name: `convolution in ${precision}`, precision });
}
