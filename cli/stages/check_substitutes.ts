/**
 * Substitutes that cannot work, found before anything is trained.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  checkRun,
  measureWeights,
  type Preset,
  presetOn,
  type SubstituteSettings,
  withDetail,
} from "@realign/core";
import type { AnyDataset } from "./open_split.ts";

/** What has substitutes: a workbench. */
export interface SubstituteHost {
  readonly preset: Preset;
  readonly train: AnyDataset | undefined;
  /** By name. */
  readonly substitutes: readonly (readonly [string, SubstituteSettings])[];
  /** Creates a target model besides O, and its task. */
  createOther(
    preset: Preset,
    ...stream: readonly string[]
  ): { readonly task: AnyTask; readonly target: AnyTarget };
}

/**
 * Fails where a substitute would fail later: if the task does not know its architecture or, where it is to be
 * trained, an augmentation, or its outputs on a few examples are not what the core is told they are.
 *
 * @param bench O and its data
 * @throws {Error} That names the substitute
 */
export async function checkSubstitutes(bench: SubstituteHost): Promise<void> {
  for (const [name, settings] of bench.substitutes) {
    const preset = presetOn(bench.preset, settings);
    try {
      if (bench.train && settings.weights === "") {
        const { task, target } = bench.createOther(preset, "substitute", name);
        using _target = target;
        await checkRun({ preset, task, target, dataset: bench.train });
      } else {
        measureWeights(() => bench.createOther(preset, "substitute", name).target);
      }
    } catch (error) {
      throw withDetail(error as Error, `: see evaluation.substitutes.${name}`);
    }
  }
}
