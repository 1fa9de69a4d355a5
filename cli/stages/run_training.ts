/**
 * Training that can be stopped at any step and goes on bit for bit: the same for O and for G.
 *
 * @module
 */
import type { StepRecord, Training } from "@realign/core";
import { peakMemoryGiB } from "../system/environment.ts";
import { Interrupted } from "../system/failure.ts";
import { Interruption } from "../system/interruption.ts";
import { measureConvolution } from "../system/measure_convolution.ts";
import type { Output } from "../terminal/output.ts";
import { formatDuration } from "../terminal/progress.ts";
import type { RunStore } from "../runs/run_store.ts";

/** How a training is run. */
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
 * @param options How it is named and kept
 * @param output Told of progress
 * @throws {Interrupted} After Ctrl-C, when a checkpoint was saved
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
  await store.metrics.rewind(stage, trainer.step - 1);
  const save = async () =>
    await store.checkpoints.save(stage, trainer.step, {
      tensors: await trainer.export(),
      metadata: { stage, step: String(trainer.step), preset: store.record.preset.name },
    });
  using interruption = new Interruption((text) => output.note(text));
  if (trainer.step < trainer.totalSteps) {
    using progress = output.progress.start(label, trainer.totalSteps, "steps", trainer.step);
    for await (const record of trainer.run(batches(trainer.step, trainer.totalSteps))) {
      await store.metrics.append(record);
      progress.update(trainer.step, describe(record));
      const isLast = trainer.step >= trainer.totalSteps;
      if (isLast || interruption.requested || trainer.step % checkpointEvery === 0) await save();
      if (interruption.requested && !isLast) {
        throw new Interrupted(
          `Stopped at step ${trainer.step} of ${trainer.totalSteps}; continue with: realign train --resume ${store.handle}`,
        );
      }
    }
  }
  await summarize(trainer, store, label, output);
}

/** Losses in few words. */
function describe({ losses }: StepRecord): string {
  const shown = "total" in losses ? { total: losses.total, task: losses.task } : losses;
  return Object.entries(shown)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(", ");
}

/** Keeps and tells how long the stage took. */
async function summarize(
  { stage, flops }: Training<unknown>["trainer"],
  store: RunStore,
  label: string,
  output: Output,
): Promise<void> {
  const lines = (await store.metrics.read()).filter((line) => line.stage === stage);
  const seconds = lines.reduce((sum, line) => sum + line.seconds, 0);
  // The first step is recorded and compiled: it says nothing of the speed.
  const times = lines.slice(1).map((line) => line.seconds).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? seconds;
  const stepsPerSecond = median > 0 ? Number((1 / median).toPrecision(4)) : 0;
  const memory = peakMemoryGiB();
  // How much of what the machine can do is done: a step's arithmetic against that of a plain convolution.
  const gflops = flops && flops / median / 1e9;
  const share = gflops && Number((gflops / await measureConvolution()).toFixed(3));
  await store.update({
    stages: {
      ...store.record.stages,
      [stage]: {
        steps: lines.length,
        seconds: Number(seconds.toFixed(1)),
        stepsPerSecond,
        peakMemoryGiB: memory,
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
