/**
 * The defenses that restore pictures: those of a system of the run.
 *
 * @module
 */
import { didYouMean } from "@realign/core";
import { defenses as table, type DefenseSettings, definitionOf } from "@realign/core/defenses";
import { chainNamed } from "../presets/named_systems.ts";
import { readEvaluation } from "../runs/evaluation_file.ts";
import type { RunStore } from "../runs/run_store.ts";
import { UsageError } from "../system/failure.ts";

/**
 * The defenses of a system of the run, as its preset or its evaluation has them; else those that the name says.
 *
 * @param store The run
 * @param system The system's name; undefined for the generator alone
 * @throws {UsageError} If there is no such system, or it has no defense
 */
export async function chainOf(
  store: RunStore,
  system: string | undefined,
): Promise<readonly DefenseSettings[]> {
  if (system === undefined) return [{ name: "generator" }];
  const { evaluation: { systems } } = store.record.preset;
  const measured = Object.hasOwn(systems, system) ? undefined : await readEvaluation(store);
  const found = systems[system] ?? measured?.systems.find(({ name }) => name === system);
  const chain = found?.defenses ?? chainNamed(system);
  if (chain && chain.length > 0) return chain;
  throw new UsageError(
    chain
      ? `Cannot restore by the system "${system}" as it has no defense`
      : `Cannot find the system "${system}" in ${store.id}: ${
        didYouMean(system, [...Object.keys(systems), ...Object.keys(table)])
      }`,
  );
}

/** Whether a part of a chain was trained with the run, and so sees images at the generator's size. */
export function isTrained(chain: readonly DefenseSettings[]): boolean {
  return chain.some(({ name }) => definitionOf(name).role === "trained");
}
