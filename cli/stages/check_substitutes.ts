/**
 * Substitutes that cannot work, found before anything is trained.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  checkRun,
  checkTarget,
  hasWeights,
  isModelFile,
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
  /** Images that a model file is tried on. */
  readonly images: AnyDataset;
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
      const isTrained = bench.train && !hasWeights(preset.target);
      if (isTrained || isModelFile(preset.target.architecture)) {
        const { task, target } = bench.createOther(preset, "substitute", name);
        using _target = target;
        await (isTrained
          ? checkRun({ preset, task, target, dataset: bench.train })
          : checkTarget({ task, target, dataset: bench.images }));
      } else {
        measureWeights(() => bench.createOther(preset, "substitute", name).target);
      }
    } catch (error) {
      throw withDetail(error as Error, `: see evaluation.substitutes.${name}`);
    }
  }
}
