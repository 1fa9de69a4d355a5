/**
 * Substitutes of O: trained once by a run, or loaded from files.
 *
 * @module
 */
import {
  type AnySubstitute,
  type AnyTarget,
  checkTarget,
  hasWeights,
  presetOn,
  runTargetTraining,
  type SubstituteSettings,
  withDetail,
} from "@realign/core";
import type { RunStore } from "../runs/run_store.ts";
import type { Output } from "../terminal/output.ts";
import { runTraining } from "./run_training.ts";
import { CHECKPOINT_EVERY } from "./target.ts";
import type { Workbench } from "./workbench.ts";

/** The stage that trains a substitute. */
export const stageOf = (name: string): string => `train-substitute-${name}`;

/**
 * Trains the substitutes that a preset names without weights, unless the run already has them.
 *
 * @param bench O and its data
 * @param store The run, which keeps them
 * @param output For progress
 */
export async function trainSubstitutes(
  bench: Workbench,
  store: RunStore,
  output: Output,
): Promise<void> {
  for (const [name, settings] of bench.trainedSubstitutes) {
    const stage = stageOf(name);
    if (await store.checkpoints.final(stage)) continue;
    await output.interruption.check();
    const preset = presetOn(bench.preset, settings);
    const { task, target } = bench.createOther(preset, "substitute", name);
    using _target = target;
    const path = `evaluation.substitutes.${name}.train`;
    const { interruption: { signal } } = output;
    const { training: dataset } = bench;
    const steps = store.record.steps["train-target"];
    const options = { label: `train the substitute ${name}`, checkpointEvery: CHECKPOINT_EVERY };
    await runTargetTraining(
      { preset, task, target, dataset, steps, signal, stage, path },
      (training) => runTraining(training, store, options, output),
    );
    await checkTarget({ task, target, dataset }).catch((error) => {
      throw withDetail(error, `: start again with a lower ${path}.schedule.peak`);
    });
    await store.checkpoints.save(stage, "final", {
      tensors: await target.parameters.export(),
      metadata: { architecture: preset.target.architecture, preset: preset.name },
    });
  }
}

/** Opened substitutes; dispose them. */
export interface Substitutes extends Disposable {
  readonly list: readonly AnySubstitute[];
}

/**
 * Opens the substitutes that an evaluation attacks.
 *
 * @param bench O and its data
 * @param store The run that trained those without a file; absent for a target alone
 * @returns In the preset's order
 * @throws {Error} If a substitute has neither a file nor been trained, or its weights do not fit
 */
export async function openSubstitutes(bench: Workbench, store?: RunStore): Promise<Substitutes> {
  using stack = new DisposableStack();
  const list: AnySubstitute[] = [];
  for (const [name, settings] of bench.substitutes) {
    try {
      list.push({ name, target: stack.use(await open(bench, name, settings, store)) });
    } catch (error) {
      throw withDetail(error as Error, ` (the substitute ${name})`);
    }
  }
  const owned = stack.move();
  return { list, [Symbol.dispose]: () => owned.dispose() };
}

async function open(
  bench: Workbench,
  name: string,
  settings: SubstituteSettings,
  store?: RunStore,
): Promise<AnyTarget> {
  if (hasWeights(presetOn(bench.preset, settings).target)) return await bench.openTarget(settings);
  const final = await store?.checkpoints.final(stageOf(name));
  if (!final) {
    throw new Error(
      store
        ? `Cannot attack a substitute that has not been trained: run realign train --resume ${store.handle}, or name another one with --substitute`
        : `Cannot attack a substitute without weights: set evaluation.substitutes.${name}.weights`,
    );
  }
  const { target } = bench.createOther(presetOn(bench.preset, settings), "substitute", name);
  try {
    target.parameters.import(final.tensors, final.path);
    return target;
  } catch (error) {
    target[Symbol.dispose]();
    throw error;
  }
}
