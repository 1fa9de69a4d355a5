/**
 * What a workbench cannot work with, found before anything is trained or written.
 *
 * @module
 */
import {
  type AnyTarget,
  type AnyTask,
  checkRun,
  checkTarget,
  isModelFile,
  presetOn,
} from "@realign/core";
import type { Output } from "../terminal/output.ts";
import { checkSubstitutes, type SubstituteHost } from "./check_substitutes.ts";
import { openPerceptual } from "./perceptual.ts";

/** What is checked: a workbench. */
export interface CheckedBench extends SubstituteHost {
  readonly task: AnyTask;
  readonly target: AnyTarget;
}

/**
 * Fails where a stage would fail later: settings that the task does not know, files that are not there, and model
 * files, O's or another target's, that give something else than the task needs.
 *
 * @param bench Preset, task, O and data
 * @param output For warnings
 * @throws {Error} One line that says what is wrong
 */
export async function checkBench(bench: CheckedBench, output: Output): Promise<void> {
  const { preset, task, target, train, images } = bench;
  if (train) {
    await checkRun({ preset, task, target, dataset: train });
    // Report an unusable file before O is trained, not after.
    if (preset.perceptual.weights !== "") {
      (await openPerceptual(preset, output))[Symbol.dispose]();
    }
  } else if (isModelFile(preset.target.architecture)) {
    await checkTarget({ task, target, dataset: images });
  }
  for (const { target: other } of Object.values(preset.evaluation.systems)) {
    if (!other) continue;
    const own = presetOn(preset, other);
    if (!isModelFile(own.target.architecture)) continue;
    const { task, target } = bench.createOther(own, "target");
    using _target = target;
    await checkTarget({ task, target, dataset: images });
  }
  await checkSubstitutes(bench);
}
