/**
 * Evaluations of a run's generator in front of other targets than its own: `evaluation-on-*.json`.
 *
 * @module
 */
import type { EvaluatedTarget, Evaluation } from "@realign/core";
import { parseEvaluation } from "./evaluation_file.ts";
import type { RunStore } from "./run_store.ts";

/** Names of such files. */
export const OTHER_TARGET: RegExp = /^evaluation-on-.+\.json$/;

/** The file of an evaluation in front of a target: its architecture, and the start of its weights' digest. */
export function otherTargetFile({ architecture, digest }: EvaluatedTarget): string {
  const name = architecture.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  return `evaluation-on-${name}-${digest.slice(0, 8)}.json`;
}

/**
 * Reads the evaluations of a run in front of other targets.
 *
 * @param store The run
 * @returns By file name
 * @throws {TypeError} If a file is not an evaluation
 */
export async function readOtherTargets(store: RunStore): Promise<Evaluation[]> {
  const names = (await store.list()).filter((name) => OTHER_TARGET.test(name));
  return await Promise.all(
    names.map(async (name) =>
      parseEvaluation(await store.readJson(name), `${name} of ${store.id}`)
    ),
  );
}
