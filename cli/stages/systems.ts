/**
 * What an evaluation measures: O alone, and the systems of the preset.
 *
 * @module
 */
import {
  type AnySystems,
  createGenerator,
  createRandom,
  createSystems,
  type Generator,
} from "@realign/core";
import type { DefenseKit } from "@realign/core/defenses";
import { jpegRoundTrip } from "@realign/datasets";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";

/**
 * What defenses are made from: a JPEG codec, and the generator of a run.
 *
 * @param parts The preset that says how G is built
 * @param store The run that has trained G; none where a target alone is measured
 * @returns The kit; dispose it after the defenses
 */
export function openKit(
  { preset }: Pick<Workbench, "preset">,
  store?: RunStore,
): DefenseKit & Disposable {
  let opened: Generator | undefined;
  const generator = async () => opened ??= await loadGenerator(preset, store!);
  return {
    jpegRoundTrip,
    ...(store && { generator }),
    [Symbol.dispose]: () => opened?.[Symbol.dispose](),
  };
}

/** Loads G. Throws Error if the run's training has not come to its end. */
async function loadGenerator(preset: Workbench["preset"], store: RunStore): Promise<Generator> {
  const final = await store.checkpoints.final("train");
  if (!final) {
    throw new Error(
      `Cannot find the generator of ${store.id} as its training has not finished: run realign train --resume ${store.handle}`,
    );
  }
  const generator = createGenerator(preset.generator, createRandom(preset.seed, "generator"));
  generator.parameters.import(final.tensors, final.path);
  return generator;
}

/**
 * Makes the systems of a preset's evaluation; other target models are loaded from their files.
 *
 * @param bench Preset, task, O
 * @param kit What defenses are made from
 * @returns The systems, O alone first; dispose them
 */
export function openSystems(bench: Workbench, kit: DefenseKit): Promise<AnySystems> {
  const openTarget = bench.openTarget.bind(bench);
  return createSystems(bench.preset.evaluation.systems, { target: bench.target, kit, openTarget });
}
