/**
 * The time from a command to the first step, for the documents.
 *
 * @module
 */
import type { StartResult } from "../start/result.ts";
import { spreadOf } from "../speed/statistics.ts";

/** Writes the measurement as a sentence. */
export function startSentence(result: StartResult): string {
  const { preset, target, generator, environment } = result;
  const { cpu, threads } = environment as { readonly cpu?: string; readonly threads?: number };
  const told = (all: readonly number[]) => {
    const { median, min, max } = spreadOf(all);
    return `${median.toFixed(1)} s (${min.toFixed(1)} to ${max.toFixed(1)})`;
  };
  const machine = [cpu, threads && `${threads} threads`].filter(Boolean).join(", ");
  return `From the command to the first step of \`${preset}\`: O in a new run after ${
    told(target)
  }, G in a run that goes on, with cached adversarial images, after ${
    told(generator)
  }; median of ${target.length} starts${
    machine && `; ${machine}`
  }. [bench/results/start.json](../bench/results/start.json)`;
}
