/**
 * What tests of the service need: a small run, and a service of it.
 *
 * @module
 */
import { createRandom, type HostTensor, type Preset } from "@realign/core";
import { createRestorer } from "@realign/core/recipes";
import { RunStore } from "../runs/run_store.ts";
import { loadBuiltInPlugins } from "../presets/load_plugin.ts";
import { openSplit } from "../stages/open_split.ts";
import { createModel } from "../stages/target_models.ts";
import { Output } from "../terminal/output.ts";
import { samplePreset, sampleRun } from "../testing.ts";
import { listen, type Listening } from "./listen.ts";
import { type EngineOptions, openEngine } from "./open_engine.ts";
import { createHandler, type Handler, type ServiceOptions } from "./service.ts";

/** Options of a service in tests. */
export type TestOptions = Partial<EngineOptions & ServiceOptions>;

/** A service that listens, with its parts. */
export interface TestService extends Handler, Listening {
  /** The run's folder. */
  readonly folder: string;
  /** What was reported. */
  readonly reports: readonly string[];
}

/** Weights that make a network's output differ from image to image. */
function enlarge(tensors: ReadonlyMap<string, HostTensor>, factor: number) {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data, (value) => value * factor) },
    ]),
  );
}

/** Makes a run whose networks have random weights, and gives its folder. */
export async function makeRun(runs: string, preset: Preset = samplePreset): Promise<string> {
  using store = await RunStore.create(runs, { ...sampleRun, preset }, () => {});
  using restorer = createRestorer(preset);
  const metadata = { preset: preset.name };
  await store.checkpoints.save("train", "final", {
    tensors: enlarge(await restorer.parameters.export(), 10),
    metadata,
  });
  const loaded = await loadBuiltInPlugins();
  const { plugin } = loaded.find(({ plugin }) => plugin.name === preset.task)!;
  const { classNames } = await openSplit(preset, plugin, "test", 1, undefined);
  using target = createModel(
    preset,
    plugin.createTask(preset, classNames),
    createRandom(preset.seed, "target"),
  );
  await store.checkpoints.save("train-target", "final", {
    tensors: await target.parameters.export(),
    metadata,
  });
  return store.folder;
}

/** Gives a test a service of a small run, and ends it. */
export async function withService(
  test: (service: TestService) => Promise<void>,
  options: TestOptions = {},
  preset?: Preset,
): Promise<void> {
  const runs = await Deno.makeTempDir();
  try {
    const folder = await makeRun(runs, preset);
    const all = {
      ...{ runs, backend: "auto" as const, device: "auto", threads: 0 },
      ...{ predict: true, batch: 8, batchWait: 5, queue: 64 },
      ...{ maxBytes: 2 ** 20, maxPixels: 2 ** 16, bodyTimeout: 5 },
      ...options,
    };
    using opened = await openEngine(folder, all, new Output(false));
    const reports: string[] = [];
    const handler = createHandler(opened, all, (text) => reports.push(text));
    const listening = listen(handler, { host: "127.0.0.1", port: 0 });
    try {
      await test({ ...handler, ...listening, folder, reports });
    } finally {
      await listening.stop(5);
    }
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
}

/** A picture that no other number gives. */
export function pictureOf(number: number, height = 16, width = 16) {
  const pixels = new Uint8Array(height * width * 3)
    .map((_, index) => (index * (2 * number + 7) + (index >> 5) * number * 13) % 256);
  return { height, width, pixels };
}
