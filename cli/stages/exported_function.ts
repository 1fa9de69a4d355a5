/**
 * What leaves a run in another format: its defense, its target, or one behind the other.
 *
 * @module
 */
import type { Images } from "@realign/core";
import * as tf from "@realign/core/tf";
import type { RunStore } from "../runs/run_store.ts";
import type { Output } from "../terminal/output.ts";
import { openKit } from "./systems.ts";
import { prepareTarget } from "./target.ts";
import type { Workbench } from "./workbench.ts";

/** The parts that can leave, with what each is. */
export const EXPORTED = {
  defense: "the generator, or what was trained in its place: images to restored images",
  system: "the defense, then the target: images to restored images and the target's outputs",
  target: "the target alone: images to its outputs",
} as const;

/** A part that can leave. */
export type ExportedPart = keyof typeof EXPORTED;

/** A function of images that can be recorded. */
export type ImageFunction = (images: Images) => tf.NamedTensorMap;

/**
 * Opens a trained part of a run as a function.
 *
 * @param part Which one
 * @param bench The run's preset and target
 * @param store The run
 * @param stack Owns what the function needs
 * @param output For progress
 * @returns From images `[B, H, W, 3]` in `[0, 1]` to tensors by name: "restored", and the target's outputs by theirs
 * @throws {Error} If it was not trained, or is no function of images
 */
export async function openFunction(
  part: ExportedPart,
  bench: Workbench,
  store: RunStore,
  stack: DisposableStack,
  output: Output,
): Promise<ImageFunction> {
  const restore = part === "target" ? undefined : await openRestorer(bench, store, stack);
  if (part === "defense") return (images) => ({ restored: restore!(images) });
  await prepareTarget(bench, store, output);
  return (images) => {
    const seen = restore?.(images) ?? images;
    const result = bench.target.forward(seen) as tf.TensorContainer;
    const outputs = result instanceof tf.Tensor ? { output: result } : result;
    return { ...(restore && { restored: seen }), ...(outputs as tf.NamedTensorMap) };
  };
}

/** The trained restorer as a function; the stack owns its weights. */
async function openRestorer(
  bench: Workbench,
  store: RunStore,
  stack: DisposableStack,
): Promise<(images: Images) => Images> {
  const kit = stack.use(openKit(bench, store));
  const restorer = await kit.generator!();
  if (!restorer.createDefense) return (images) => restorer.restore(images);
  throw new Error(
    `Cannot export the defense of ${store.id} as ${
      kit.titles?.generator ?? "it"
    } restores by a search or a draw, and is no function of images: export --what target instead`,
  );
}
