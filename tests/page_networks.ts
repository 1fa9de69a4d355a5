/**
 * The command line's own networks of a run, beside which a page's figures are held.
 *
 * @module
 */
import { resumeRun } from "../cli/commands/open_run.ts";
import { NO_CACHE } from "../cli/runs/cache_key.ts";
import { type ImageFunction, openFunction } from "../cli/stages/exported_function.ts";
import type { Workbench } from "../cli/stages/workbench.ts";
import { Interruption } from "../cli/system/interruption.ts";
import { Output } from "../cli/terminal/output.ts";

/** Opens the latest run of a folder of runs. */
export async function withNetworks<T>(
  runs: string,
  use: (
    networks: { readonly bench: Workbench; readonly system: ImageFunction; target: ImageFunction },
  ) => Promise<T>,
): Promise<T> {
  using interruption = new Interruption(() => {}, "");
  const output = new Output(true, interruption.listen());
  const options = {
    ...{ runs, cache: NO_CACHE },
    ...{ backend: "auto" as const, device: "auto", threads: 0 },
  };
  using run = await resumeRun("latest", options, { overrides: [] }, output, { training: false });
  using stack = new DisposableStack();
  const { bench, store } = run;
  const system = await openFunction("system", bench, store, stack, output);
  const target = await openFunction("target", bench, store, stack, output);
  return await use({ bench, system, target });
}
