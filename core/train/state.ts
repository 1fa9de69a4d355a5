/**
 * What can be stopped and resumed: everything that a training step changes, as named tensors.
 *
 * @module
 */
import type { HostTensor } from "../weights/parameters.ts";

/** A training that a checkpoint holds whole. */
export interface TrainState {
  /** The next step. */
  step: number;
  readonly totalSteps: number;
  /** Multiplications and additions of a step; undefined before the first, and where nothing is recorded. */
  readonly flops: number | undefined;
  /** A copy of all that steps change. */
  export(): Promise<Map<string, HostTensor>>;
  /** Takes it over. Throws TypeError if it is another network's. */
  import(tensors: ReadonlyMap<string, HostTensor>, origin: string): void;
}

/** What is known after a step. */
export interface StepRecord {
  readonly stage: "train-target" | "train";
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  readonly seconds: number;
  /** Every loss term by name, unweighted. */
  readonly losses: Readonly<Record<string, number>>;
}

/** Puts sets of tensors into one, each under a prefix. */
export function prefixed(
  sets: Readonly<Record<string, ReadonlyMap<string, HostTensor>>>,
): Map<string, HostTensor> {
  return new Map(
    Object.entries(sets).flatMap(([prefix, set]) =>
      [...set].map(([name, tensor]) => [`${prefix}/${name}`, tensor] as const)
    ),
  );
}

/** The tensors under a prefix, without it. */
export function unprefixed(
  tensors: ReadonlyMap<string, HostTensor>,
  prefix: string,
): Map<string, HostTensor> {
  const own = [...tensors].filter(([name]) => name.startsWith(`${prefix}/`));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}
