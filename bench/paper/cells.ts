/**
 * What a grid of ablations is made of: the rows of Table 1, and the readings of Eq. 1 and 2.
 *
 * @module
 */
import type { LossSetting, LossSettings, PixelTarget, Preset, StopGradient } from "@realign/core";
import { UsageError } from "../../cli/system/failure.ts";
import { settingOverride } from "../../cli/commands/options.ts";
import type { Override } from "../../cli/presets/overrides.ts";
import { didYouMean } from "@realign/core";
import { type Rival, rivalBeside, RIVALS, rivalsOf } from "./rivals.ts";
import { VALUE_CELLS, type ValueCell, valueOverrides } from "./value_cells.ts";

/** The rows of Table 1, in the paper's order. */
export const SETTINGS: readonly LossSetting[] = ["L_I", "L_F", "L_I+F", "L_T", "L_T+F", "full"];

const TARGETS: readonly PixelTarget[] = ["intermediate", "adversarial", "clean"];

/** Ends the name of a pixel target that a gradient flows into. */
const WITH_GRADIENT = "+gradient";

/** One cell: losses that G is trained by. What is undefined is the preset's. */
export interface Cell {
  /** `SETTING`, `SETTING@TARGET`, `SETTING@intermediate+gradient`, or a name of `VALUE_CELLS` or `RIVALS`. */
  readonly name: string;
  readonly setting: LossSetting;
  readonly pixelTarget?: PixelTarget;
  readonly stopGradient?: StopGradient;
  /** Other settings than the row of Table 1. */
  readonly change?: ValueCell;
  /** What stands in the place of G. */
  readonly rival?: Rival;
}

/**
 * Reads a cell's name.
 *
 * @param name E.g. "L_I+F", "full@adversarial", "L_I@intermediate+gradient"
 * @returns The cell
 * @throws {UsageError} If it names no row or no pixel target
 *
 * @example Usage
 * ```ts ignore
 * parseCell("full@clean"); // { name: "full@clean", setting: "full", pixelTarget: "clean", stopGradient: "all" }
 * ```
 */
export function parseCell(name: string): Cell {
  if (Object.hasOwn(VALUE_CELLS, name)) return { name, setting: "full", change: VALUE_CELLS[name] };
  if (Object.hasOwn(RIVALS, name)) return rivalCell(name, RIVALS[name]);
  const [row, target, ...rest] = name.split("@");
  const setting = SETTINGS.find((known) => known === row);
  if (!setting || rest.length > 0) {
    throw new UsageError(
      `Cannot find the cell "${name}": ${
        didYouMean(row, [...SETTINGS, ...Object.keys(VALUE_CELLS), ...Object.keys(RIVALS)])
      }`,
    );
  }
  if (target === undefined) return { name, setting };
  const flows = target.endsWith(WITH_GRADIENT);
  const word = flows ? target.slice(0, -WITH_GRADIENT.length) : target;
  const pixelTarget = TARGETS.find((known) => known === word);
  if (!pixelTarget || (flows && pixelTarget !== "intermediate")) {
    const known = [...TARGETS, `intermediate${WITH_GRADIENT}`];
    throw new UsageError(`Cannot find the pixel target of "${name}": ${didYouMean(target, known)}`);
  }
  return { name, setting, pixelTarget, stopGradient: flows ? "none" : "all" };
}

function rivalCell(name: string, rival: Rival): Cell {
  return { name, setting: "full", rival, ...("change" in rival && { change: rival.change }) };
}

/**
 * A cell as it is trained beside a preset's G and O: a rival of a narrow G is narrow too.
 *
 * @param cell The cell
 * @param preset The preset
 * @throws {UsageError} If the cell is a rival that the preset's task has not
 */
export function cellBeside(
  cell: Cell,
  preset: Pick<Preset, "generator" | "target" | "task">,
): Cell {
  if (!cell.rival) return cell;
  const { tasks } = cell.rival;
  if (tasks && !tasks.includes(preset.task)) {
    throw new UsageError(
      `Cannot fill the row "${cell.name}" with ${preset.task} as it is of ${tasks.join(" and ")}: ${
        didYouMean(cell.name, rivalsOf(preset.task))
      }`,
    );
  }
  return rivalCell(cell.name, rivalBeside(cell.name, preset));
}

/**
 * The cells that a grid has unless others are named: six rows, and the whole loss with each pixel
 * target that is not the preset's own.
 *
 * @param losses The preset's
 */
export function defaultCells({ pixelTarget, stopGradient }: LossSettings): Cell[] {
  const own = pixelTarget === "intermediate" && stopGradient === "none"
    ? `intermediate${WITH_GRADIENT}`
    : pixelTarget;
  const others = [...TARGETS, `intermediate${WITH_GRADIENT}`].filter((name) => name !== own);
  return [...SETTINGS, ...others.map((name) => `full@${name}`)].map(parseCell);
}

/** The settings in which a cell differs from the preset. */
export function overridesOf({ setting, pixelTarget, stopGradient, change }: Cell): Override[] {
  return [
    ...settingOverride("losses.setting", setting),
    ...settingOverride("losses.pixelTarget", pixelTarget),
    ...settingOverride("losses.stopGradient", stopGradient),
    ...(change ? valueOverrides(change) : []),
  ];
}
