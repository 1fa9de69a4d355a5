/**
 * The model files of a preset's targets: O, other targets, substitutes. They are read once, before anything is made
 * from them, and are called by their files' names from then on.
 *
 * @module
 */
import {
  type ImportedModel,
  isModelFile,
  mapTargets,
  type OtherTarget,
  type Plugin,
  type Preset,
  presetOn,
  type SubstituteSettings,
} from "@realign/core";
import { suggestAdapter } from "@realign/interop";
import { basename, isAbsolute, resolve } from "node:path";
import { keptModel } from "../runs/kept_models.ts";
import { type ModelOnDisk, readOnnxFile } from "../system/read_onnx_file.ts";

type Target = Preset["target"];

/** Models that were read, by their digests. */
export type Models = ReadonlyMap<string, ModelOnDisk>;

/** A preset, and what its model files hold. */
export interface WithModels {
  /** Its model files have names in place of paths, and digests. */
  readonly preset: Preset;
  readonly models: Models;
}

/**
 * Reads the model files of a preset.
 *
 * @param preset Paths of files, or, of a run, names of its own copies
 * @param plugin Whose tasks take models
 * @param run The folder of the run that the preset is of
 * @throws {Error} One line if a file cannot be read, is another than it was, or is not for this preset
 */
export async function openModels(
  preset: Preset,
  plugin: Pick<Plugin, "name" | "takesModels">,
  run?: string,
): Promise<WithModels> {
  const models = new Map<string, ModelOnDisk>();
  const places = new Map<string, string>();
  for (const target of targetsOf(preset)) {
    if (!isModelFile(target.architecture)) continue;
    const place = placeOf(target, run);
    if (!places.has(place)) {
      assertTaken(target, plugin);
      const read = await readOnnxFile(place);
      places.set(place, read.model.digest);
      models.set(read.model.digest, read);
    }
    assertFits(target, models.get(places.get(place)!)!);
  }
  if (models.size === 0) return { preset, models };
  const named = <T extends OtherTarget>(own: T, target: Target): T =>
    isModelFile(target.architecture)
      ? {
        ...own,
        architecture: basename(target.architecture),
        adapter: { ...target.adapter, digest: places.get(placeOf(target, run))! },
      }
      : own;
  return {
    models,
    preset: {
      ...preset,
      target: named(preset.target, preset.target),
      evaluation: mapTargets(
        preset.evaluation,
        (other) => isOwn(other) ? named(other, presetOn(preset, other).target) : other,
      ),
    },
  };
}

/** What was read of the file that is a preset's O; undefined where O is an architecture. */
export function modelOf({ target }: Preset, models: Models): ImportedModel | undefined {
  if (!isModelFile(target.architecture)) return undefined;
  const found = models.get(target.adapter?.digest ?? "");
  if (found) return found.model;
  throw new Error(`Cannot make ${target.architecture} a target as its file was not read`);
}

/** Whether another target says of itself what it is, or how it is read. */
function isOwn({ architecture, adapter }: OtherTarget): boolean {
  return architecture !== undefined || adapter !== undefined;
}

/** O, and all targets besides it. */
function targetsOf(preset: Preset): Target[] {
  const { systems, substitutes = {} } = preset.evaluation;
  const others: (OtherTarget | SubstituteSettings)[] = [
    ...Object.values(systems).flatMap(({ target }) => target ?? []),
    ...Object.values(substitutes),
  ];
  return [preset.target, ...others.map((other) => presetOn(preset, other).target)];
}

/** Where a target's file is: a run has a copy of its own. */
function placeOf({ architecture, adapter }: Target, run: string | undefined): string {
  const isKept = run !== undefined && adapter?.digest !== undefined && !isAbsolute(architecture);
  return isKept ? keptModel(run, adapter.digest!, architecture) : resolve(architecture);
}

function assertTaken(
  { architecture }: Target,
  { name, takesModels }: Pick<Plugin, "name" | "takesModels">,
): void {
  if (takesModels) return;
  throw new Error(
    `Cannot use ${basename(architecture)} as a target as the task ${name} takes no model files`,
  );
}

function assertFits({ adapter, size }: Target, { model, path }: ModelOnDisk): void {
  const { digest } = adapter ?? {};
  if (digest !== undefined && digest !== model.digest) {
    throw new Error(
      `Cannot use ${path} as it is not the file that was chosen: its SHA-256 must be ${digest}: it is ${model.digest}`,
    );
  }
  const { size: own = size } = suggestAdapter(model);
  if (own[0] === size[0] && own[1] === size[1]) return;
  throw new Error(
    `Cannot use ${path} as its images must be ${own.join("x")}: target.size is ${size.join("x")}`,
  );
}
