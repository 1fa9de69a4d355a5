/**
 * Opens a preset's data: a dataset of its plugin, or a built-in one.
 *
 * @module
 */
import {
  type AnyDatasetOpener,
  type Dataset,
  lookUp,
  type Plugin,
  type Preset,
} from "@realign/core";
import {
  datasetNames,
  openDataset,
  type OpenedDataset,
  readsFiles,
  takeExamples,
} from "@realign/datasets";
import { UsageError } from "../system/failure.ts";

// deno-lint-ignore no-explicit-any -- each dataset has its own annotations; they are passed through
export type AnyDataset = OpenedDataset<any>;

/**
 * Opens one split.
 *
 * @param preset Whose `dataset` is opened
 * @param plugin Its plugin, whose datasets take precedence over built-in ones
 * @param split Which split
 * @param examples Number of examples; 0 for all
 * @param root The folder of the dataset's files, if given
 * @returns The dataset, with the preset's size and at most the given number of examples; all, with a note, if it has fewer
 * @throws {RangeError} If the dataset is unknown
 * @throws {TypeError} If a plugin's dataset is invalid
 */
export async function openSplit(
  { dataset: { name, size, classes, options } }: Pick<Preset, "dataset">,
  plugin: Pick<Plugin, "name" | "datasets" | "annotation">,
  split: "train" | "test",
  examples: number,
  root: string | undefined,
): Promise<AnyDataset> {
  const request = {
    root,
    size,
    classes: classes || undefined,
    examples: examples || undefined,
    options,
  };
  const openers: Record<string, AnyDatasetOpener> = {
    ...Object.fromEntries(
      datasetNames.map((known) => [
        known,
        (split) =>
          openDataset(known, split, {
            ...request,
            annotation: plugin.annotation,
            own: request.options,
          }),
      ]),
    ),
    ...plugin.datasets,
  };
  const open = lookUp(openers, name, "open a dataset", "the dataset");
  const opened = await open(split, request);
  if (Object.hasOwn(plugin.datasets ?? {}, name)) {
    return takeExamples(asAsked(opened, name, plugin, size), examples);
  }
  // Built-in data sets are cut to length when opened, and have a note if they are shorter.
  return takeExamples(opened, Math.min(examples, opened.length));
}

/**
 * The folder of a preset's data.
 *
 * @param preset Whose `dataset` it is
 * @param plugin Its plugin; what its own datasets read is unknown
 * @param given What `--data` says now
 * @param recorded What a run was started with
 * @returns The folder; "" for none
 * @throws {UsageError} If one is given for a dataset that is drawn, which would not be read
 */
export function dataFolder(
  preset: Pick<Preset, "dataset">,
  { datasets = {}, presets }: Pick<Plugin, "datasets" | "presets">,
  given: string | undefined,
  recorded = "",
): string {
  if (given === undefined) return recorded;
  const isDrawn = ({ dataset: { name } }: Pick<Preset, "dataset">) =>
    datasetNames.includes(name) && !readsFiles(name) && !Object.hasOwn(datasets, name);
  if (!isDrawn(preset)) return given;
  const other = Object.values(presets).find((one) => !isDrawn(one));
  const advice = other ? `, or take a preset that reads files, e.g. ${other.name}` : "";
  throw new UsageError(
    `Cannot read ${given} as ${preset.dataset.name} are drawn: leave out --data${advice}`,
  );
}

/** Checks a plugin's dataset and returns it as a plain object. */
function asAsked(
  dataset: Dataset<unknown> & { readonly notes?: readonly string[] },
  name: string,
  plugin: Pick<Plugin, "name">,
  size: readonly [number, number],
): AnyDataset {
  const fail = (reason: string): never => {
    throw new TypeError(
      `Cannot use the dataset "${name}" of the plugin ${plugin.name} as ${reason}`,
    );
  };
  if (typeof dataset !== "object" || dataset === null) fail("it must be an object");
  const { split, length, digest, classNames, classColours, notes = [] } = dataset;
  if (!(Number.isInteger(length) && length > 0)) {
    fail(`its length must be an integer above 0: current value is ${length}`);
  }
  if (!(dataset.size?.[0] === size[0] && dataset.size[1] === size[1])) {
    fail(`its size must be ${size.join("x")}: current value is ${dataset.size?.join("x")}`);
  }
  if (typeof digest !== "string" || digest === "") {
    fail("its digest must be a non-empty string");
  }
  if (!Array.isArray(classNames)) fail("its classNames must be a list");
  if (typeof dataset.read !== "function") fail("its read must be a function");
  const read = (index: number) => dataset.read(index);
  return { name, split, length, size, classNames, classColours, digest, notes, read };
}
