/**
 * The paper's tables that a grid can fill: whose rows, on which O, under which attacker.
 *
 * @module
 */
import type { OtherTarget, Preset } from "@realign/core";
import { UsageError } from "../../cli/system/failure.ts";
import { type Cell, defaultCells, parseCell, SETTINGS } from "./cells.ts";
import { PURIFIERS, rivalsOf } from "./rivals.ts";
import { VALUE_CELLS } from "./value_cells.ts";

/** Where the figures of a row come from: the run's own evaluation, attacks on a substitute, another target. */
export type View = "own" | "transfer" | "moved";

/** One of the paper's tables, or what the authors' values do. */
export interface TableKind {
  /** As printed in the paper, or "values". */
  readonly name: string;
  readonly title: string;
  readonly tasks: readonly string[];
  readonly view: View;
  /** Whether O is the second architecture: ResNet-50, DeepLabv3, RFBNet. */
  readonly onSecond: boolean;
  /**
   * The losses one by one; the same beside learned purifiers; the whole loss, with JPEG behind G; by other values;
   * beside other defenses.
   */
  readonly rows: "ablation" | "ablation and purifiers" | "codec" | "values" | "rivals";
  /** The suite whose attacks are added to the preset's. */
  readonly suite?: string;
}

const classes = ["classification"];
const places = ["segmentation", "detection"];

const kind = (
  name: string,
  title: string,
  tasks: readonly string[],
  rows: TableKind["rows"],
  { view = "own", onSecond = false }: { view?: View; onSecond?: boolean } = {},
): TableKind => ({ name, title, tasks, view, onSecond, rows });

const losses = "What each group of losses does";
const codec = "JPEG behind G";
const transfer = "attacks made on a substitute of O";
const moved = "G in front of another O than it was trained for";

const rivals = "Other defenses";

/** By their names in the paper. */
export const KINDS: readonly TableKind[] = [
  kind("1", losses, classes, "ablation"),
  kind("2", losses, places, "ablation"),
  kind("3", rivals, classes, "rivals"),
  kind("4", rivals, places, "rivals"),
  kind("5", codec, [...classes, ...places], "codec"),
  kind("6", losses, classes, "ablation", { onSecond: true }),
  kind("7", losses, places, "ablation", { onSecond: true }),
  kind("8", rivals, classes, "rivals", { onSecond: true }),
  kind("9", rivals, places, "rivals", { onSecond: true }),
  kind("10", codec, classes, "codec", { onSecond: true }),
  kind("11", codec, places, "codec", { onSecond: true }),
  kind("12", `${losses}: ${transfer}`, [...classes, ...places], "ablation", { view: "transfer" }),
  kind("13", `${rivals}: ${transfer}`, classes, "rivals", { view: "transfer" }),
  kind("14", `${rivals}: ${transfer}`, places, "rivals", { view: "transfer" }),
  kind("15", `${losses}: ${moved}`, classes, "ablation", { view: "moved" }),
  // The paper has it of segmentation only: of detection it stands without figures beside it.
  kind("16", `${losses}: ${moved}`, places, "ablation and purifiers", { view: "moved" }),
  kind("values", "Our values and those of the authors' code", [...classes, ...places], "values"),
];

/** What a preset's grids need to know besides the preset. */
interface Pair {
  /** The second architecture, and its size if it is not O's. */
  readonly second: Omit<OtherTarget, "weights"> & { readonly architecture: string };
  /** The paper's dataset whose figures stand beside those of a preset that the paper has not. */
  readonly beside?: string;
}

const rfbNet = (size: number, suffix = "") => ({
  architecture: `rfb${size}-vgg16${suffix}`,
  size: [size, size] as const,
});

const PAIRS: Readonly<Record<string, Pair>> = {
  "cls-shapes": { second: { architecture: "resnet20" } },
  "cls-cifar10-small": { second: { architecture: "resnet20" } },
  "cls-cifar10": { second: { architecture: "resnet50-cifar" } },
  "cls-cifar100": { second: { architecture: "resnet50-cifar" } },
  "cls-imagenet64": { second: { architecture: "resnet50-64" } },
  "seg-shapes": { second: { architecture: "deeplabv3-resnet18-w0.25" } },
  "seg-camvid-small": {
    second: { architecture: "deeplabv3-resnet18-w0.5" },
    beside: "cityscapes",
  },
  "seg-cityscapes": { second: { architecture: "deeplabv3-resnet50" } },
  "seg-voc2012": { second: { architecture: "deeplabv3-resnet50" } },
  "det-shapes": { second: rfbNet(64, "-bn-w0.125") },
  "det-bccd-small": { second: rfbNet(192, "-bn-w0.1875"), beside: "voc0712" },
  "det-voc0712": { second: rfbNet(300) },
};

/** "Table 1", or what stands for the name of a table that is not the paper's; with the suite that it is measured by. */
export function headingOf({ name, rows, suite }: TableKind): string {
  const heading = rows === "values" ? "Values" : `Table ${name}`;
  return suite === undefined ? heading : `${heading} by the suite ${suite}`;
}

/** What files of a table are told apart by, e.g. "3", "3-standard". */
export function fileWordOf({ name, suite }: TableKind): string {
  return suite === undefined ? name : `${name}-${suite}`;
}

/**
 * Finds a table.
 *
 * @param name As printed in the paper, or "values"
 * @param task Whose presets it must be for
 * @throws {UsageError} If there is no such table, or it has no rows of the task
 */
export function kindOf(name: string, task: string): TableKind {
  const found = KINDS.find((kind) => kind.name === name);
  if (!found) {
    const known = KINDS.map(({ name }) => name).join(", ");
    throw new UsageError(`Cannot fill table ${name}: those with rows to measure are ${known}`);
  }
  if (found.tasks.includes(task)) return found;
  const own = KINDS.filter(({ tasks }) => tasks.includes(task)).map(({ name }) => name);
  throw new UsageError(
    `Cannot fill table ${name} with ${task} as the paper has it for ${
      found.tasks.join(" and ")
    }: tables of ${task} are ${own.join(", ")}`,
  );
}

/**
 * The second architecture that goes with a preset.
 *
 * @param preset The preset
 * @param named What the command line says instead
 * @throws {UsageError} If none is known
 */
export function secondOf({ name }: Preset, named: string | undefined): Pair["second"] {
  const known = Object.hasOwn(PAIRS, name) ? PAIRS[name].second : undefined;
  if (named !== undefined) return named === known?.architecture ? known : { architecture: named };
  if (known) return known;
  throw new UsageError(
    `Cannot fill this table with ${name} as its second architecture is not known: set it with --second-architecture NAME`,
  );
}

/** The dataset by which the paper's figures are looked up. */
export function datasetBeside({ name, dataset }: Preset): string {
  return Object.hasOwn(PAIRS, name) ? PAIRS[name].beside ?? dataset.name : dataset.name;
}

/** The cells that a table has unless others are named. */
export function cellsOf({ rows, name }: TableKind, preset: Preset): Cell[] {
  if (rows === "values") return Object.keys(VALUE_CELLS).map(parseCell);
  if (rows === "rivals") return ["full", ...rivalsOf(preset.task)].map(parseCell);
  if (rows === "codec") return [parseCell("full")];
  if (rows !== "ablation") return [...SETTINGS, ...PURIFIERS].map(parseCell);
  return ["1", "2"].includes(name) ? defaultCells(preset.losses) : SETTINGS.map(parseCell);
}
