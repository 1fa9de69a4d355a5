/**
 * What an exported model says of itself: where it is from, what was measured, what to beware of.
 *
 * @module
 */
import { type Evaluation, type EvaluationRow, UNDEFENDED } from "@realign/core";
import { attackerLabel, attackLabel, percent } from "../report/labels.ts";
import { withMarks } from "../report/warnings.ts";
import type { RunStore } from "../runs/run_store.ts";
import { VERSION } from "../system/environment.ts";
import type { ExportedPart } from "./exported_function.ts";

/** A figure of the exported part. */
export interface ExportedFigure {
  /** "none" for clean images. */
  readonly threatModel: string;
  readonly attack: string;
  readonly metric: string;
  /** In `[0, 1]`. */
  readonly value: number;
  /** The same for the target without a defense; absent where that was not measured. */
  readonly undefended?: number;
  readonly count: number;
  /** Names of the alarms that it raises; absent without any. */
  readonly alarms?: readonly string[];
}

/** What the files say. */
export interface ExportFacts {
  readonly producer: string;
  readonly run: string;
  readonly preset: string;
  readonly task: string;
  readonly dataset: string;
  readonly target: string;
  readonly classNames: readonly string[];
  readonly part: ExportedPart;
  readonly figures: readonly ExportedFigure[];
  readonly warnings: readonly string[];
}

/** Figures below this share are next to nothing. */
const NEAR_ZERO = 0.05;

/**
 * Gathers what is known of a run's part.
 *
 * @param store The run
 * @param evaluation What was measured; undefined where nothing was
 * @param part What is exported
 * @param classNames Of the dataset
 */
export function exportFacts(
  { id, record: { preset, warnings } }: Pick<RunStore, "id" | "record">,
  evaluation: Evaluation | undefined,
  part: ExportedPart,
  classNames: readonly string[],
): ExportFacts {
  const figures = evaluation ? figuresOf(withMarks(evaluation), part) : [];
  return {
    producer: `realign ${VERSION}`,
    run: id,
    preset: preset.name,
    task: preset.task,
    dataset: preset.dataset.name,
    target: preset.target.architecture,
    classNames,
    part,
    figures,
    warnings: [
      ...new Set([...whiteboxWarning(figures, part), ...warnings, ...evaluation?.warnings ?? []]),
    ],
  };
}

/** All figures of the system that a part is, or is a part of. */
function figuresOf({ rows, systems }: Evaluation, part: ExportedPart): ExportedFigure[] {
  const name = part === "target"
    ? UNDEFENDED
    : systems.find(({ defenses, frozen, target }) =>
      !frozen && !target && defenses.length === 1 && defenses[0].name === "generator"
    )?.name;
  const isSame = (row: EvaluationRow, other: EvaluationRow) =>
    row.attack === other.attack && row.threatModel === other.threatModel &&
    row.substitute === other.substitute;
  return rows.filter(({ system, curve }) => system === name && !curve).map((row) => {
    const alone = rows.find((other) => other.system === UNDEFENDED && isSame(row, other));
    return {
      threatModel: attackerLabel(row),
      attack: row.attack,
      metric: row.metric.name,
      value: row.metric.value,
      ...(part !== "target" && alone && { undefended: alone.metric.value }),
      count: row.metric.count,
      ...(row.alarms && { alarms: row.alarms }),
    };
  });
}

/** What must be said of an attacker who knows the model. */
function whiteboxWarning(figures: readonly ExportedFigure[], part: ExportedPart): string[] {
  if (part === "target") return [];
  const known = figures.filter(({ threatModel }) => threatModel === "whitebox")
    .toSorted((a, b) => a.value - b.value);
  const [least] = known;
  if (!least) {
    return [
      "nothing was measured against an attacker who knows the defense (whitebox): do not rely on it against one",
    ];
  }
  if (least.value >= NEAR_ZERO) return [];
  return [
    `an attacker who knows the defense (whitebox) leaves ${
      percent(least.value)
    } % ${least.metric} by ${
      attackLabel(least.attack)
    }: it does not protect against such an attacker`,
  ];
}
