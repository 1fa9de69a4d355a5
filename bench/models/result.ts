/**
 * What `bench models` found, as `bench/results/models.json`.
 *
 * @module
 */
import type { Spread } from "../speed/statistics.ts";
import type { OpenedHere } from "./ours.ts";

/** An export of a model. */
export interface ExportedModelResult extends Partial<OpenedHere> {
  /** Why there are no figures. */
  readonly reason?: string;
  /** The greatest difference of onnxruntime's outputs from PyTorch's, as ours; absent where it was not asked. */
  readonly runtimeDifference?: number;
  /** Seconds of an input gradient. */
  readonly seconds?: Spread;
  /** The best time of PyTorch's better mode over our best: above 1, ours takes less. */
  readonly ratio?: number;
}

/** A model. */
export interface ModelResult {
  /** E.g. "torchvision resnet18". */
  readonly name: string;
  readonly batch: number;
  /** Height and width of the images. */
  readonly size: number;
  readonly parameters: number;
  /** Relative L2 distance of PyTorch's own gradient in float32 from the one in float64. */
  readonly torchGradientError: number;
  /** Seconds of an input gradient in PyTorch by mode, channels_last. */
  readonly torchSeconds: Readonly<Record<string, Spread>>;
  /** Modes that could not be measured, with the reason. */
  readonly failed: Readonly<Record<string, string>>;
  /** By exporter. */
  readonly exports: Readonly<Record<string, ExportedModelResult>>;
}

/** A finished bench. */
export interface ModelsResult {
  readonly version: 1;
  readonly kind: "models";
  readonly date: string;
  readonly quick: boolean;
  readonly threads: number;
  /** The machine's load average when it began and when it ended. */
  readonly load: readonly [number, number];
  readonly models: readonly ModelResult[];
  /** Models that PyTorch's side could not make or run, with the reason. */
  readonly skipped: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, unknown>>;
  readonly environment: object;
}
