/**
 * Training that can be stopped at any step and resumed bit for bit, for O and for G.
 *
 * @module
 */
import { pause, type Review, type StepRecord, type Training } from "@realign/core";
import { activeWorkers } from "@realign/core/workers";
import { percent } from "../report/labels.ts";
import { peakMemoryGiB } from "../system/environment.ts";
import { Interrupted } from "../system/failure.ts";
import { measureConvolution } from "../system/measure_convolution.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import { timedReviews } from "../runs/reviews.ts";
import type { RunStore } from "../runs/run_store.ts";

/** Options of a training. */
export interface TrainStageOptions {
  /** E.g. "train the generator". */
  readonly label: string;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
}

/**
 * Runs a training to its end, from its last checkpoint if it has one.
 *
 * @param training O or G in training, at step 0
 * @param store Where checkpoints and metrics go
 * @param options Its label and checkpoint interval
 * @param output For progress
 * @throws {Interrupted} After a signal, once a checkpoint is saved
 */
export async function runTraining<L>(
  { trainer, batches }: Training<L>,
  store: RunStore,
  { label, checkpointEvery }: TrainStageOptions,
  output: Output,
): Promise<void> {
  const { stage } = trainer;
  const checkpoint = await store.checkpoints.latest(stage);
  if (checkpoint) {
    trainer.import(checkpoint.tensors, checkpoint.path);
    trainer.step = Number(checkpoint.metadata.step);
    output.note(`${label}: resuming from step ${trainer.step}`);
  }
  await store.metrics.rewind(stage, trainer.recorded - 1);
  const save = async () =>
    await store.checkpoints.save(stage, trainer.step, {
      tensors: await trainer.export(),
      metadata: { stage, step: String(trainer.step), preset: store.record.preset.name },
    });
  const { interruption } = output;
  const stop = () =>
    new Interrupted(
      `Stopped at step ${trainer.step} of ${trainer.totalSteps}`,
      interruption.exitCode ?? 143,
    );
  if (trainer.recorded < trainer.totalSteps) {
    using progress = output.progress.start(label, trainer.totalSteps, "steps", trainer.step);
    try {
      const { count } = activeWorkers();
      const asksToStop = () => interruption.signal.aborted;
      const run = trainer.run(batches(trainer.step, trainer.totalSteps), asksToStop);
      for await (const record of run) {
        await store.metrics.append(record);
        progress.update(trainer.step, describe(record));
        if (record.review) output.detail(tellReview(record.epoch, record.review));
        const isDue = trainer.step >= trainer.totalSteps || trainer.step % checkpointEvery === 0;
        if (isDue) await save();
        if (count === 1) {
          await interruption.pause();
          continue;
        }
        // Workers stop together, or one would wait for another that has left.
        await pause(new AbortController().signal);
        if (record.stopped) throw stop();
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      // The signal came within a step that has changed nothing yet, after one, or within the review after one.
      await save();
      throw stop();
    }
  }
  await summarize(trainer, store, label, output);
}

/**
 * The share of the convolution rate that a training reaches.
 *
 * @param gflops The training's arithmetic per second
 * @param rate That of a plain convolution, measured afterwards
 * @returns A share of at most 1; undefined if the measurement says nothing, e.g. on a machine that was
 * busier when the convolution was measured
 */
export function shareOf(gflops: number, rate: number): number | undefined {
  const share = Number((gflops / rate).toFixed(3));
  return share > 0 && share <= 1 ? share : undefined;
}

/** Losses for the progress bar. */
function describe({ losses }: StepRecord): string {
  const shown = "total" in losses ? { total: losses.total, task: losses.task } : losses;
  return Object.entries(shown)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(", ");
}

/** What a guard found after an epoch. */
function tellReview(epoch: number, { clean, whitebox, best, bestEpoch }: Review): string {
  return `epoch ${epoch + 1}: ${percent(clean)} % clean, ` +
    `${percent(whitebox)} % attacked through G; ` +
    `best ${percent(best)} % after epoch ${bestEpoch + 1}`;
}

/** Saves and prints the duration of a stage. */
async function summarize(
  { stage, flops }: Training<unknown>["trainer"],
  store: RunStore,
  label: string,
  output: Output,
): Promise<void> {
  const lines = (await store.metrics.read()).filter((line) => line.stage === stage);
  const seconds = lines.reduce((sum, line) => sum + line.seconds, 0);
  // The first step is recorded and compiled, so its time does not count.
  const times = lines.slice(1).map((line) => line.seconds).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? seconds;
  const stepsPerSecond = median > 0 ? Number((1 / median).toPrecision(4)) : 0;
  const memory = peakMemoryGiB();
  // Utilisation: a step's arithmetic rate relative to that of a plain convolution.
  const gflops = flops && flops / median / 1e9;
  const rate = gflops && await measureConvolution({ signal: output.interruption.signal });
  const share = gflops && rate && shareOf(gflops, rate);
  const reviews = timedReviews(lines);
  await store.update({
    stages: {
      ...store.record.stages,
      [stage]: {
        steps: lines.length,
        seconds: Number(seconds.toFixed(1)),
        stepsPerSecond,
        peakMemoryGiB: memory,
        ...(reviews.length > 0 && { reviews }),
        ...(share &&
          { gflopPerStep: Number((flops / 1e9).toFixed(2)), shareOfConvolutionRate: share }),
      },
    },
  });
  output.note(
    `${label}: ${lines.length} steps in ${formatDuration(seconds)}, ${stepsPerSecond} steps/s, ` +
      `peak memory ${memory} GiB` +
      (share ? `, ${(100 * share).toFixed(0)} % of the machine's convolution rate` : ""),
  );
}
