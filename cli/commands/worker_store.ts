/**
 * Where a worker keeps its run: the first in the folder of runs, the others in one of their own that does not last.
 *
 * @module
 */
import { RunStore } from "../runs/run_store.ts";
import type { Output } from "../terminal/output.ts";
import type { WorkOptions } from "./options.ts";

/** The folder of this worker's runs. */
export async function ownRuns({ runs, cluster }: WorkOptions): Promise<string> {
  if (!cluster || cluster.index === 0) return runs;
  const folder = await Deno.makeTempDir({ prefix: "realign-worker-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return folder;
}

/**
 * Opens a run to go on with it.
 *
 * @param name The run
 * @param options The folder of runs, which all workers must see
 * @param output For warnings
 * @param how Where results are written, by default in the run's folder; whether the run is only read
 * @returns This worker's store; the folder of the run itself
 */
export async function openStore(
  name: string,
  options: WorkOptions,
  output: Output,
  { out, readOnly = false }: { readonly out?: string; readonly readOnly?: boolean } = {},
): Promise<{ store: RunStore; at: string }> {
  const { runs, cluster } = options;
  if (!cluster || cluster.index === 0) {
    const open = readOnly ? RunStore.read : RunStore.open;
    const store = await open(runs, name, output.warn, out);
    return { store, at: store.folder };
  }
  using shared = await RunStore.read(runs, name, output.warn);
  const { folder: at, record } = shared;
  return { store: await RunStore.create(await ownRuns(options), record, output.warn), at };
}
