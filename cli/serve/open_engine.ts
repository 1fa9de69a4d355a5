/**
 * Opens the engine of a run, which is only read.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { withDetail } from "@realign/core";
import { startBackend } from "../commands/start_backend.ts";
import type { BackendOptions, RunsOptions } from "../commands/options.ts";
import { pluginOf } from "../presets/choose_preset.ts";
import { RunStore } from "../runs/run_store.ts";
import { chainOf, isTrained } from "../stages/chain_of.ts";
import { dataFolder } from "../stages/open_split.ts";
import { openKit } from "../stages/systems.ts";
import { prepareTarget } from "../stages/target.ts";
import { Workbench } from "../stages/workbench.ts";
import type { Output } from "../terminal/output.ts";
import { Engine, type Predictor } from "./engine.ts";

/** Which run is served, and what of it. */
export interface EngineOptions extends BackendOptions, RunsOptions {
  readonly system?: string;
  /** Whether O is served too. */
  readonly predict: boolean;
  readonly data?: string;
  readonly plugin?: string;
  /** The most images of a batch. */
  readonly batch: number;
}

/** An engine, and what is told of it; dispose it. */
export interface OpenedEngine extends Disposable {
  readonly engine: Engine;
  /** What `GET /ready` tells. */
  readonly about: About;
}

/** What a service tells of itself. */
export interface About {
  readonly run: string;
  /** What restores. */
  readonly system: string;
  /** `[height, width]` that images are resized to and back; absent for systems without a generator. */
  readonly size?: readonly [number, number];
  /** Whether two answers to one image may differ. */
  readonly random: boolean;
  readonly task: string;
  /** O's classes; absent where only images are restored. */
  readonly classNames?: readonly string[];
}

/**
 * Opens a run's defense, and O unless only images are restored.
 *
 * @param name The run
 * @param options What of it
 * @param output For notes
 * @throws {Error} If a part is missing; one line
 */
export async function openEngine(
  name: string,
  options: EngineOptions,
  output: Output,
): Promise<OpenedEngine> {
  using stack = new DisposableStack();
  const store = stack.use(await RunStore.read(options.runs, name, output.warn));
  const { id, record: { preset } } = store;
  const chain = await chainOf(store, options.system);
  await startBackend(options, output);
  const predictor = options.predict
    ? await openPredictor(store, options, output, stack).catch((error) => {
      throw withDetail(error, "; or restore images only, with --no-predict");
    })
    : undefined;
  const kit = stack.use(openKit({ preset }, store));
  const { batch } = options;
  const parts = { chain, kit, predictor, most: batch };
  const engine = stack.use(await Engine.open(parts, preset.generator.size));
  const owned = stack.move();
  return {
    engine,
    about: {
      run: id,
      system: options.system ?? "generator",
      ...(isTrained(chain) && { size: preset.generator.size }),
      random: engine.random,
      task: preset.task,
      ...(predictor && { classNames: predictor.classNames }),
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Opens O. Its classes stand in the data alone. */
async function openPredictor(
  store: RunStore,
  options: EngineOptions,
  output: Output,
  stack: DisposableStack,
): Promise<Predictor> {
  const { folder, record: { preset, plugin, data } } = store;
  const loaded = await pluginOf({ folder, preset, plugin }, options.plugin);
  const bench = stack.use(
    await Workbench.open(
      unattacked(preset),
      loaded,
      { data: dataFolder(preset, loaded.plugin, options.data, data), training: false, run: folder },
      output,
    ),
  );
  await prepareTarget(bench, store, output);
  const { task, target, images: { classNames } } = bench;
  return { task, target, classNames };
}

/** A preset whose evaluation needs no other network. */
function unattacked(preset: Preset): Preset {
  const { substitutes: _, ...evaluation } = preset.evaluation;
  return { ...preset, evaluation: { ...evaluation, systems: {}, threatModels: {} } };
}
