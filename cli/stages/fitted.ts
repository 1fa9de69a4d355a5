/**
 * What defenses take from training images, kept with the run: patches, statistics.
 *
 * @module
 */
import { createRandom } from "@realign/core";
import { fitOn, type Fitted, type Fitting } from "@realign/core/defenses";
import type { RunStore } from "../runs/run_store.ts";
import type { Workbench } from "./workbench.ts";

/**
 * Fits defenses on a preset's training split by its seed. A run keeps the numbers among its checkpoints, so that all
 * commands have the same, those without the data too.
 *
 * @param parts The preset; what opens its training split, absent where only kept numbers serve
 * @param store The run; absent for a target alone
 * @returns What defenses are created with
 */
export function openFitting(
  { preset, openTraining }: Pick<Workbench, "preset"> & Partial<Pick<Workbench, "openTraining">>,
  store?: RunStore,
): Fitting {
  const made = new Map<string, Promise<Fitted>>();
  const make: Fitting = async (fit) => {
    const stage = `fit-${fit.name}`;
    const kept = await store?.checkpoints.final(stage);
    if (kept) return kept.tensors;
    if (!openTraining) {
      throw new Error(
        `Cannot find the ${fit.name} that were taken from training images in ${store?.id}: ` +
          `measure the system first, with realign evaluate ${store?.handle} --systems NAME`,
      );
    }
    const dataset = await openTraining();
    const known = store?.record.digests.train;
    if (known !== undefined && known !== dataset.digest) {
      throw new Error(
        `Cannot take ${fit.name} from the train split of ${preset.dataset.name} as it differs from the one ${
          store!.id
        } was started with: set its folder with --data DIR`,
      );
    }
    const tensors = await fitOn(dataset, createRandom(preset.seed))(fit);
    // A run that is only read stays as it is.
    if (store?.results === store?.folder) {
      const metadata = { seed: String(preset.seed), train: dataset.digest };
      await store?.checkpoints.save(stage, "final", { tensors, metadata });
    }
    return tensors;
  };
  // Systems with the same patches have them once.
  return (fit) => {
    const known = made.get(fit.name) ?? make(fit);
    made.set(fit.name, known);
    return known;
  };
}
