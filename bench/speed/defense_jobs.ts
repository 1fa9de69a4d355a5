/**
 * What the processes of each defense do: a rival's training, restoring by it, or both.
 *
 * @module
 */
import { countSteps, type Preset } from "@realign/core";
import { applyOverrides } from "../../cli/presets/overrides.ts";
import { type Rival, rivalBeside, RIVALS, rivalsOf } from "../paper/rivals.ts";
import { valueOverrides } from "../paper/value_cells.ts";
import { type DefenseFacts, GROUPS } from "./defense_costs.ts";
import { pluginOf } from "./plugins.ts";
import { OURS } from "./result.ts";

/** The defenses of a task by name, G first: all others are compared with it. */
export function comparedWith({ task }: Pick<Preset, "task">): string[] {
  return [OURS, ...rivalsOf(task)];
}

const COMPARED: Readonly<Record<string, Rival>> = {
  [OURS]: { by: "recipe", change: { title: "Realign", values: {} } },
  ...RIVALS,
};

/** Images restored at a time where as many as in an evaluation take minutes. */
const FEW: Readonly<Record<string, number>> = { "defense-gan": 4 };

/** What a process does over and over. */
export interface Job {
  /** The groups of its figures. */
  readonly time: string;
  readonly memory: string;
  readonly preset: Preset;
  readonly request: { readonly work: string; readonly [key: string]: unknown };
  /** What the time of a run is divided by. */
  readonly parts: number;
}

/**
 * What is measured of a defense, and what is known before.
 *
 * @param name Of {@linkcode comparedWith}
 * @param preset What the defense changes settings of
 * @param length How many training images there are, if that is known
 */
export function planOf(
  name: string,
  preset: Preset,
  length: number | undefined,
): { readonly jobs: readonly Job[]; readonly known: DefenseFacts } {
  const rival = name === OURS ? COMPARED[name] : rivalBeside(name, preset);
  const images = Math.min(FEW[name] ?? Infinity, preset.evaluation.batchSize);
  const restoring = { time: GROUPS.image, memory: GROUPS.restoring, parts: images };
  if (rival.by === "transformation") {
    const { title, defenses } = rival;
    const request = { work: "restore", images, defenses };
    return {
      jobs: [{ ...restoring, preset, request }],
      known: { title, images, options: defenses },
    };
  }
  const changed = applyOverrides(preset, valueOverrides(rival.change), pluginOf(preset));
  const isTarget = rival.by === "target";
  const { batchSize, epochs } = isTarget ? changed.target.train : changed.train;
  const steps = length === undefined
    ? undefined
    : countSteps({ ...changed.dataset, split: "train", length }, batchSize, epochs).totalSteps;
  const training: Job = {
    time: GROUPS.step,
    memory: GROUPS.training,
    preset: changed,
    request: { work: isTarget ? "target" : "restorer" },
    parts: 1,
  };
  const known = { title: rival.change.title, batchSize, steps, options: changed.recipe };
  if (isTarget) return { jobs: [training], known };
  const request = { work: "restore", images };
  const jobs = [training, { ...restoring, preset: changed, request }];
  return { jobs, known: { ...known, images } };
}
