/**
 * Opens runs for stages from command-line options.
 *
 * @module
 */
import {
  isModelFile,
  mapTargets,
  type OtherTarget,
  PAPER_SUITE,
  type Plugin,
  type Preset,
} from "@realign/core";
import { join, resolve } from "node:path";
import { assertAttacks } from "../presets/attack_options.ts";
import type { Choices } from "../presets/choose_evaluation.ts";
import { choosePreset, type ChosenPreset, pluginOf } from "../presets/choose_preset.ts";
import { readEnvironment, VERSION } from "../system/environment.ts";
import { UsageError } from "../system/failure.ts";
import {
  type SubstituteOptions,
  type TargetNames,
  withNamedStart,
  withNamedSubstitute,
  withNamedTarget,
} from "./named_target.ts";
import type { Overridden, WorkOptions } from "./options.ts";
import { refuseOverrides, settingOverride } from "./options.ts";
import { assertMayWrite, assertWritable } from "../system/safe_file.ts";
import type { Output } from "../terminal/output.ts";
import { applyOverrides, type Override } from "../presets/overrides.ts";
import { assertNotTrained } from "../presets/frozen_targets.ts";
import { withNamedSystems } from "../presets/named_systems.ts";
import { type SuiteOption, withChosenSuite } from "../presets/choose_suite.ts";
import { trustPlugin } from "../presets/plugin_trust.ts";
import { printChanges } from "../presets/print_preset.ts";
import { findStart, keepStart } from "./start_from.ts";
import { startBackend, warnOfOtherBackend, warnOfPrecision } from "./start_backend.ts";
import { NO_CACHE } from "../runs/cache_key.ts";
import { keepModels } from "../runs/kept_models.ts";
import { RunStore } from "../runs/run_store.ts";
import { cutShort } from "../stages/cut_short.ts";
import { dataFolder } from "../stages/open_split.ts";
import type { Split } from "../stages/splits.ts";
import { assertAgreement } from "../stages/workers.ts";
import { Workbench } from "../stages/workbench.ts";
import { openStore, ownRuns } from "./worker_store.ts";

/** A run with everything its stages need; dispose it. */
export class OpenRun implements Disposable {
  readonly store: RunStore;
  readonly bench: Workbench;

  constructor(store: RunStore, bench: Workbench) {
    this.store = store;
    this.bench = bench;
  }

  [Symbol.dispose](): void {
    this.bench[Symbol.dispose]();
    this.store[Symbol.dispose]();
  }
}

/** Inputs of a new run. */
export interface RunRequest {
  /** The last training to run. */
  readonly last: "train" | "train-target";
  /** Settings of the command's own options, e.g. `--architecture`. */
  readonly overrides?: readonly Override[];
  /** Steps of each training, if given. */
  readonly steps?: Readonly<Record<string, number>>;
  /** A run whose networks the new one begins with. */
  readonly from?: string;
}

/**
 * Resolves a preset: `--seed`, `--substitute`, the command's own options, dotted options, absolute file names.
 *
 * @throws {UsageError} If the preset or a setting is unknown or invalid
 */
export async function resolvePreset(
  name: string,
  options: WorkOptions & TargetNames & SubstituteOptions & SuiteOption & Pick<Choices, "systems">,
  context: Overridden,
  overrides: readonly Override[] = [],
  warn: (message: string) => void = () => {},
): Promise<ChosenPreset> {
  const chosen = await choosePreset(name, options.plugin);
  const base = withNamedSystems(chosen.preset, options.systems);
  const all = [...settingOverride("seed", options.seed), ...overrides, ...context.overrides];
  // A substitute has the attacks of the oblivious attacker, as they are set; a suite's own can be set once it is there.
  const { suite = PAPER_SUITE } = options;
  const isLate = (one: Override) =>
    setsTransfer(one) || suite !== PAPER_SUITE && setsAttacks(base, one);
  const [late, early] = [true, false].map((late) => all.filter((one) => isLate(one) === late));
  const set = (one: Preset) => applyOverrides(withoutOwnData(one, all), early, chosen.plugin);
  const { runs } = options;
  const seen = set(base);
  const on = await withNamedTarget(base, options, { runs, warn, preset: seen }, all);
  const own = on === base ? seen : set(on);
  const named = await withNamedSubstitute(own, options, { runs, warn });
  const suited = withChosenSuite(named, chosen.plugin, options, all);
  const preset = await withNamedStart(applyOverrides(suited, late, chosen.plugin), { runs, warn });
  const absolute = (file: string) => file === "" ? "" : resolve(file);
  const found = <T extends OtherTarget>({ architecture, ...target }: T) => ({
    ...target,
    ...(architecture !== undefined && {
      architecture: isModelFile(architecture) ? resolve(architecture) : architecture,
    }),
    weights: absolute(target.weights),
  } as T);
  return {
    ...chosen,
    preset: {
      ...preset,
      target: found(preset.target),
      perceptual: { ...preset.perceptual, weights: absolute(preset.perceptual.weights) },
      evaluation: mapTargets(preset.evaluation, found),
    },
  };
}

/** Whether a setting is of substitutes or of attacks on them. */
function setsTransfer({ path: [group, part, name] }: Override): boolean {
  return group === "evaluation" &&
    (part === "substitutes" || part === "threatModels" && name === "transfer");
}

/** Whether a setting is of attacks that a preset has not by itself. */
function setsAttacks(
  { evaluation: { threatModels } }: Preset,
  { path: [group, part, model, , attack] }: Override,
): boolean {
  if (group !== "evaluation") return false;
  return part === "curves" ||
    part === "threatModels" && !Object.hasOwn(threatModels[model]?.attacks ?? {}, attack);
}

/** Settings that belong to the preset's own dataset (counts, classes, options) are dropped for another dataset. */
function withoutOwnData(preset: Preset, overrides: readonly Override[]): Preset {
  const other = overrides.some(({ path, text }) =>
    path.join(".") === "dataset.name" && text !== preset.dataset.name
  );
  if (!other) return preset;
  const { name, size } = preset.dataset;
  return { ...preset, dataset: { name, size, trainExamples: 0, classes: 0 } };
}

/** Starts a run; nothing is written unless backend, preset and data are valid, and nothing stays if writing fails. */
export async function createRun(
  name: string,
  options: WorkOptions & TargetNames & SubstituteOptions,
  context: Overridden,
  output: Output,
  { last, overrides = [], steps = {}, from }: RunRequest,
): Promise<OpenRun> {
  const chosen = await resolvePreset(name, options, context, overrides, output.warn);
  const { preset, specifier, digest } = chosen;
  assertNotTrained(preset, last);
  output.detail(printChanges(preset, chosen.plugin.presets[preset.name]));
  const { runs } = options;
  const start = from === undefined
    ? {}
    : await findStart(from, preset, { runs, warn: output.warn });
  const given = dataFolder(preset, chosen.plugin, options.data);
  const data = given && resolve(given);
  await assertMayWrite(runs);
  warnOfPrecision(preset, await startBackend(options, output), output);
  const bench = await Workbench.open(preset, chosen, { data, training: true }, output);
  let store: RunStore | undefined;
  try {
    bench.checkBatches(last, steps);
    await bench.loadTarget(output);
    if (last === "train" && preset.train.attackCache > 0 && options.cache !== NO_CACHE) {
      await assertWritable(options.cache);
    }
    if (options.plugin !== undefined) await trustPlugin(chosen, (text) => output.note(text));
    await assertAgreement(async () => ({
      version: VERSION,
      preset: bench.preset,
      plugin: digest ?? "",
      data: bench.digests,
      steps,
      target: await bench.digestTarget(),
    }));
    output.interruption.hold();
    store = await RunStore.create(await ownRuns(options), {
      preset: bench.preset,
      plugin: specifier,
      data,
      steps,
      digests: bench.digests,
      environment: { ...await readEnvironment(options.threads), plugin: specifier && digest },
      warnings: cutShort({
        preset,
        original: chosen.plugin.presets[preset.name],
        examples: bench.training.length,
        steps,
      }),
    }, output.warn);
    await keepModels(store.folder, bench.models.values());
    await keepStart(start, store);
    output.detail(`run ${store.id} in ${store.folder}`);
    return new OpenRun(store, bench);
  } catch (error) {
    await store?.discardUnbegun();
    bench[Symbol.dispose]();
    throw error;
  }
}

/** How a run is reopened. */
export interface ResumeRequest {
  /** Changes the settings of an evaluation; the run keeps its own. */
  readonly adjust?: (preset: Preset, plugin: Plugin) => Preset | Promise<Preset>;
  /** Whether the training split is wanted. */
  readonly training?: boolean;
  /** Which images are measured. Default: "test" */
  readonly split?: Split;
  /** Where results are written. Default: the run's folder */
  readonly out?: string;
  /** Whether the run is only read, also while other processes work on it. */
  readonly readOnly?: boolean;
  /** Whether `adjust` exchanges the target that G was trained for. */
  readonly otherTarget?: boolean;
}

/** Resumes a run with its own preset. */
export async function resumeRun(
  name: string,
  options: WorkOptions,
  context: Overridden,
  output: Output,
  { adjust = (preset) => preset, training = true, split: measured, out, otherTarget, readOnly }:
    ResumeRequest = {},
): Promise<OpenRun> {
  refuseOverrides(
    context,
    "a resumed run keeps its settings; start a new one instead",
  );
  if (options.seed !== undefined) {
    throw new UsageError("Cannot set the seed as a resumed run keeps its own");
  }
  const { store, at } = await openStore(name, options, output, { out, readOnly });
  try {
    const { record: { preset: own, plugin, data, digests, environment } } = store;
    const loaded = await pluginOf({ folder: at, preset: own, plugin }, options.plugin);
    if (options.plugin !== undefined) await trustPlugin(loaded, (text) => output.note(text));
    assertAttacks(own, loaded.plugin.attacks, join(at, "run.json"));
    const preset = await adjust(own, loaded.plugin);
    const folder = dataFolder(preset, loaded.plugin, options.data, data);
    output.detail(printChanges(preset, loaded.plugin.presets[preset.name]));
    const backend = await startBackend(options, output);
    if (training) warnOfPrecision(preset, backend, output);
    warnOfOtherBackend(environment.backend, backend, output);
    if (training && environment.plugin && loaded.digest !== environment.plugin) {
      output.warn(
        `the plugin ${loaded.plugin.name} has changed since the run was started: the rest of the run uses its current code`,
      );
    }
    const bench = await Workbench.open(
      preset,
      loaded,
      {
        data: folder,
        training,
        split: measured,
        trainedBy: otherTarget ? own : undefined,
        run: at,
      },
      output,
    );
    output.interruption.hold();
    for (const [split, digest] of Object.entries(bench.digests)) {
      const { evaluation, dataset } = store.record.preset;
      const sameExamples = split === "train"
        ? training || bench.examplesOf(split) === dataset.trainExamples
        : preset.evaluation.examples === evaluation.examples;
      if (sameExamples && digests[split] !== undefined && digests[split] !== digest) {
        bench[Symbol.dispose]();
        throw new Error(
          `Cannot resume ${store.id} as the ${split} split of ${preset.dataset.name} in ${
            folder || "memory"
          } differs from the one it was started with: set its folder with --data DIR`,
        );
      }
    }
    const facts = { version: VERSION, preset, data: bench.digests };
    await assertAgreement(() => Promise.resolve(facts));
    return new OpenRun(store, bench);
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
}
