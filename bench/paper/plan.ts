/**
 * What a grid is made from, and what comes of its cells.
 *
 * @module
 */
import type { Evaluation, OtherTarget, Preset } from "@realign/core";
import type { TrainOptions } from "../../cli/commands/train.ts";
import type { Override } from "../../cli/presets/overrides.ts";
import type { KeptSamples } from "../../cli/runs/sample_files.ts";
import type { RunStore } from "../../cli/runs/run_store.ts";
import type { Cell } from "./cells.ts";
import type { TableKind } from "./kinds.ts";

/** What a grid is made from. */
export interface GridPlan {
  /** The preset's name. */
  readonly name: string;
  /** The preset with all that the command line changed; its seed is the first. */
  readonly preset: Preset;
  readonly overrides: readonly Override[];
  /** The table that is filled. */
  readonly kind: TableKind;
  /** The second architecture, or the run or file that has it; only for tables that use it beside O. */
  readonly second?: Second;
  readonly cells: readonly Cell[];
  readonly seeds: readonly number[];
  /** Examples that the suite is measured on. Default: the preset's */
  readonly examples?: number;
  /** Names the code of its plugin. */
  readonly code: string | undefined;
  /** As of `train`; `runs` is the folder that the grid's own folder is in. */
  readonly options: TrainOptions;
}

/** A network besides O: trained for each seed unless a run or file is named. */
export type Second =
  | { readonly target: Omit<OtherTarget, "weights"> & { readonly architecture: string } }
  | {
    /** A run, or a safetensors file. */
    readonly word: string;
    /** The file's, if it does not say so. */
    readonly architecture: string | undefined;
  };

/** One finished cell. */
export interface FinishedCell {
  readonly cell: Cell;
  readonly seed: number;
  readonly run: string;
  readonly evaluation: Evaluation;
  /** The first of its pictures. */
  readonly example?: KeptSamples;
  /** Seconds, steps and speed of its stages. */
  readonly stages: RunStore["record"]["stages"];
}

/** A cell whose run is finished, and whose figures may be another evaluation's. */
export type ViewedCell = Omit<FinishedCell, "evaluation" | "example">;
