/**
 * What is kept of an evaluation under way: finished columns, and the adversarial images of finished batches.
 *
 * @module
 */
import {
  type AnyAttack,
  type AnyColumn,
  type AnySystems,
  type CacheStorage,
  type OtherTarget,
  type Preset,
  victimOf,
} from "@realign/core";
import { createAttack } from "@realign/core/attacks";
import { resolveDefense } from "@realign/core/defenses";
import type { ResultCache } from "../runs/cache_key.ts";
import type { EvaluatedColumns } from "../runs/evaluated_columns.ts";
import type { RunStore } from "../runs/run_store.ts";
import type { Digests } from "./describe_systems.ts";
import type { Workbench } from "./workbench.ts";

/** Images of one attack are kept up to this size. */
export const MOST_BYTES = 2 ** 30;

/** Size of the adversarial images of one attack, in float32. */
export function imageBytes({ size: [height, width], length }: Workbench["test"]): number {
  return 4 * 3 * height * width * length;
}

/** What kept columns and images are found again by, besides the preset and its data. */
export interface KeptFacts {
  readonly digests: Digests;
  readonly results: ResultCache;
  /** Digest of G's weights; undefined without a run. */
  readonly generator: string | undefined;
}

/**
 * Opens the finished columns of the same evaluation; undefined without a run.
 *
 * @param facts Of O, G and the code
 * @param more What figures follow from besides: images handed in, what is measured too
 * @throws {RangeError} If an attack cannot be made on what it is meant for: before anything is measured
 */
export async function openColumns(
  { preset, task, test }: Workbench,
  columns: readonly AnyColumn[],
  systems: AnySystems["list"],
  { digests, results, generator }: KeptFacts,
  more: object,
  store?: RunStore,
): Promise<EvaluatedColumns | undefined> {
  const versions = columns.map(({ settings, attacked }) => {
    if (settings === null || !attacked) return "";
    using attack = createAttack(settings, victimOf({ task, ...attacked }), task.attacks);
    return attack.version;
  });
  if (!store) return undefined;
  return await results.columns(store, {
    preset,
    dataset: test.digest,
    targets: [...digests.values()],
    generator,
    versions,
    defenses: systems.map(({ defense }) => defense?.version),
    ...more,
  });
}

/** Whether a column's images may serve other evaluations too: no defense has a part in them. */
export function isShared({ attacked }: AnyColumn): boolean {
  return attacked !== undefined && !attacked.defense;
}

/**
 * Where a column's images are kept, batch by batch: those of attacks on a target model alone for any evaluation, those
 * of others until the column is done. If they are too large, only those that workers made are found there.
 */
export function imageStorage(
  bench: Workbench,
  facts: KeptFacts,
  column: AnyColumn,
  attack: AnyAttack,
): CacheStorage {
  const storage = sharedStorage(bench, facts, column, attack);
  if (imageBytes(bench.test) <= MOST_BYTES) return storage;
  return {
    read: (name) => storage.read(name),
    write: () => Promise.resolve(),
    clear: async () => await storage.clear?.(),
  };
}

/** {@linkcode imageStorage} of any size, for workers. */
export function sharedStorage(
  bench: Workbench,
  { digests, results, generator }: KeptFacts,
  column: AnyColumn,
  attack: AnyAttack,
): CacheStorage {
  const { preset, test } = bench;
  const { attack: name, attacked } = column;
  const { target, defense, queriesOnly } = attacked!;
  const facts = {
    dataset: test.digest,
    size: test.size,
    target: digests.get(target),
    model: bench.modelFacts(attackedIn(preset.evaluation, column)),
    attack: name,
    settings: attack.settings,
    version: attack.version,
    batchSize: preset.evaluation.batchSize,
    seed: preset.seed,
    ...(queriesOnly && { queriesOnly }),
  };
  if (!defense) return results.images("evaluated", facts);
  return results.images("unfinished", {
    ...facts,
    defenses: defensesIn(preset, column).map(resolveDefense),
    defense: [defense.name, defense.version],
    generator,
    threatModel: restOf(preset, column),
  });
}

/** The defenses that a column's images are made through. */
function defensesIn({ evaluation }: Preset, { systems: [system] }: AnyColumn) {
  return evaluation.systems[system.name]?.defenses ?? [];
}

/** Settings of a column's threat model besides its attacks and systems. */
function restOf({ evaluation }: Preset, { threatModel, curve }: AnyColumn): object {
  const models = curve ? evaluation.curves : evaluation.threatModels;
  const { attacks: _, systems: _systems, ...rest } = models?.[threatModel] ?? { attacks: {} };
  return rest;
}

/** The settings of the model that a column's images are made on; undefined if it is O. */
function attackedIn(
  { systems, substitutes }: Preset["evaluation"],
  { attacked, systems: [system] }: AnyColumn,
): OtherTarget | undefined {
  const { substitute } = attacked!;
  return substitute === undefined ? systems[system.name]?.target : substitutes![substitute];
}
