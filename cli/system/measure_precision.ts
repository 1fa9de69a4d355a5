/**
 * Whether half precision gains anything on this machine.
 *
 * @module
 */
import { pause } from "@realign/core";
import { type Precision, record, type RecordedStep } from "@realign/core/backend";
import * as tf from "@realign/core/tf";

/** Channels of the convolutions that are timed. */
const CHANNELS = [64, 128, 256] as const;
const SIDE = 16;
const BATCH = 4;

/** CPU flags that say that bfloat16 is multiplied by instructions of its own. */
const FLAGS = ["amx_bf16", "avx512_bf16", "avx_ne_convert"] as const;

/** A step that is timed. */
type Convolution = RecordedStep<{ images: tf.Tensor4D; kernel: tf.Tensor4D }, tf.Tensor[]>;

/** What half precision gains. */
export interface PrecisionGain {
  /** Flags of the CPU for bfloat16; none where they are not known. */
  readonly flags: readonly string[];
  /** By channels of a 3x3 convolution with both gradients: how often as fast as float32. */
  readonly gains: Readonly<Record<number, number>>;
}

/**
 * The flags of `/proc/cpuinfo` that tell of bfloat16.
 *
 * @param text What the file holds
 * @returns Those that the first processor has
 *
 * @example Usage
 * ```ts
 * import { bfloat16Flags } from "./measure_precision.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(bfloat16Flags("model name\t: x\nflags\t\t: fpu avx512_bf16 sse"), ["avx512_bf16"]);
 * ```
 */
export function bfloat16Flags(text: string): string[] {
  const known = new Set(/^flags\s*:(.*)$/m.exec(text)?.[1].split(/\s+/));
  return FLAGS.filter((flag) => known.has(flag));
}

/**
 * Times 3x3 convolutions with both gradients in float32 and in bfloat16, by turns.
 *
 * @param options How long each number of channels is repeated, in milliseconds (medians count); what ends it before
 * @returns Flags and gains; undefined where the backend has one precision
 */
export async function measurePrecision(
  { milliseconds = 700, signal }: { milliseconds?: number; signal?: AbortSignal } = {},
): Promise<PrecisionGain | undefined> {
  if (tf.getBackend() !== "tensorflow") return undefined;
  const text = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const gains: Record<number, number> = {};
  for (const channels of CHANNELS) gains[channels] = await gainOf(channels, milliseconds, signal);
  return { flags: bfloat16Flags(text), gains };
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
