/**
 * How long the way of docs/defend_your_model.md took, as `bench/results/way.json`.
 *
 * @module
 */
import type { Evaluation, Preset } from "@realign/core";
import { summaryOf } from "../documents/summary.ts";

/** The page whose commands are timed. */
export const PAGE = "docs/defend_your_model.md";

/** A command of the page. */
export interface TimedStep {
  readonly command: string;
  readonly seconds: number;
  /** The machine's load average when it began; above the number of cores, other work took its share. */
  readonly load: number;
}

/** A whole way. */
export interface WayResult {
  readonly version: 1;
  readonly kind: "way";
  readonly date: string;
  /** What was typed to measure it, without places on the machine. */
  readonly command: string;
  /** Whether nothing had been downloaded before. */
  readonly empty: boolean;
  /** Images by split, and their classes. */
  readonly images: { readonly train: number; readonly test: number; readonly classes: number };
  readonly steps: readonly TimedStep[];
  /** What `evaluate` found. */
  readonly evaluation: Evaluation;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly commit?: string;
}

/** A run of the same model on more images. */
export interface MoreImages {
  /** Where `run` stands, from the repository's folder. */
  readonly file: string;
  readonly evaluation: Evaluation;
  readonly run: {
    readonly preset: Preset;
    readonly stages: { readonly train: { readonly steps: number; readonly seconds: number } };
  };
}

/** How many images G was trained on, whole passes assumed. */
function imagesOf({ preset: { train }, stages }: MoreImages["run"]): number {
  return stages.train.steps * train.batchSize / train.epochs;
}

/**
 * Writes what both runs found.
 *
 * @param way The whole way
 * @param more A run on more images
 * @returns A Markdown table
 */
export function wayOutcome({ images, evaluation }: WayResult, more: MoreImages): string {
  return summaryOf("Training images", [
    [`${images.train}, the run above`, evaluation],
    [`${imagesOf(more.run)}, [a longer one](../${more.file})`, more.evaluation],
  ]);
}

/**
 * Writes the steps as a Markdown table.
 *
 * @param way The whole way
 * @param more A run on more images
 * @returns The table, and below it what it was measured on
 */
export function wayTable(
  { steps, images, machine, date, empty, commit }: WayResult,
  { file, run }: MoreImages,
): string {
  const { cpu, cores, memoryGiB } = machine;
  const rows = steps.map(({ command, seconds }) => `| \`${command}\` | ${duration(seconds)} |`);
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const loads = steps.map(({ load }) => load);
  const facts = [
    `${images.train} training and ${images.test} test images of ${images.classes} classes`,
    `${cores} cores of ${cpu}, ${memoryGiB} GiB`,
    `load averages of ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
    empty ? "nothing downloaded before" : "everything downloaded before",
    date.slice(0, 10),
    ...(commit ? [`commit ${commit.slice(0, 7)}`] : []),
  ];
  return [
    "| command | time |",
    "| --- | --: |",
    ...rows,
    `| in total | ${duration(total)} |`,
    "",
    `Measured with ${facts.join(", ")}: [bench/results/way.json](../bench/results/way.json).`,
    "",
    `Of ${imagesOf(run)} training images, G's training alone took ${
      duration(run.stages.train.seconds)
    } for ${run.stages.train.steps} steps: [${file}](../${file}).`,
  ].join("\n");
}

/** A time in words of at most two units. */
function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
