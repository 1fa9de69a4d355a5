/**
 * The evaluated systems: O alone, and those of the preset.
 *
 * @module
 */
import { type AnySystems, createSystems } from "@realign/core";
import type { DefenseKit } from "@realign/core/defenses";
import { createRestorer, type Restorer, rivalTitle } from "@realign/core/recipes";
import { jpegRoundTrip } from "@realign/datasets";
import type { RunStore } from "../runs/run_store.ts";
import { openFitting } from "./fitted.ts";
import type { Workbench } from "./workbench.ts";

/**
 * Opens what defenses need: a JPEG codec, the generator of a run, what is taken from training images.
 *
 * @param bench The preset, which defines G or the rival in its place; what opens its training split
 * @param store The run that trained G; absent for a target alone
 * @returns The kit; dispose it after the defenses
 */
export function openKit(
  bench: Parameters<typeof openFitting>[0],
  store?: RunStore,
): DefenseKit & Disposable {
  const { preset } = bench;
  let opened: Restorer | undefined;
  const title = rivalTitle(preset);
  const generator = async () => opened ??= await loadGenerator(preset, store!);
  return {
    jpegRoundTrip,
    fitted: openFitting(bench, store),
    ...(store && { generator }),
    ...(store && title && { titles: { generator: title } }),
    [Symbol.dispose]: () => opened?.[Symbol.dispose](),
  };
}

/** Loads G. Throws Error if the run's training has not finished. */
async function loadGenerator(preset: Workbench["preset"], store: RunStore): Promise<Restorer> {
  const final = await store.checkpoints.final("train");
  if (!final) {
    throw new Error(
      `Cannot find the generator of ${store.id} as its training has not finished: run realign train --resume ${store.handle}`,
    );
  }
  const generator = createRestorer(preset);
  generator.parameters.import(final.tensors, final.path);
  return generator;
}

/**
 * Creates the systems of a preset's evaluation; other target models are loaded from their files.
 *
 * @param bench Preset, task, O
 * @param kit What defenses need
 * @returns The systems, O alone first; dispose them
 */
export function openSystems(bench: Workbench, kit: DefenseKit): Promise<AnySystems> {
  const openTarget = bench.openTarget.bind(bench);
  return createSystems(bench.preset.evaluation.systems, { target: bench.target, kit, openTarget });
}
