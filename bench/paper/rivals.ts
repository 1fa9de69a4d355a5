/**
 * The defenses that the paper's Tables 3, 4, 8, 9 and 13 to 16 put beside its own: networks trained adversarially,
 * transformations without training, learned purifiers.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import type { ValueCell } from "./value_cells.ts";

/** What all rivals have. */
interface Compared {
  /** Its row in the paper's tables. */
  readonly paper?: string;
  /** The tasks that have it. @default all */
  readonly tasks?: readonly string[];
}

/** Another O, or another restorer in the place of G: settings that change. */
export interface Trained extends Compared {
  readonly by: "target" | "recipe";
  readonly change: ValueCell;
  /** Whether its training starts from the O of the other rows. @default {false} */
  readonly finetuned?: boolean;
}

/** Defenses of the table that are not trained, in order. */
export interface Transformed extends Compared {
  readonly by: "transformation";
  readonly title: string;
  readonly defenses: Preset["evaluation"]["systems"][string]["defenses"];
}

/** How a rival comes about. */
export type Rival = Trained | Transformed;

const trained = (title: string, adversarial: string, paper?: string): Trained => ({
  by: "target",
  change: { title, values: { "target.train.adversarial": adversarial } },
  paper,
});

/** The same from the weights of O; `rivalBeside` gives its rate. */
function finetuned({ change: { title, values }, paper = title, ...rest }: Trained): Trained {
  const change = { title: `${title} (finetune)`, values };
  return { ...rest, change, finetuned: true, paper: `${paper} (finetune)` };
}

const none: Trained = { by: "target", change: { title: "No Defense", values: {} } };
const trades = trained("TRADES", "trades", "TRADES");
const free = trained("Free-adv", "free", "Free-adv");
const sat = trained("SAT", "sat", "SAT");
const ddcat = trained("DDC-AT", "ddcat", "DDCAT");

const transformed = (
  title: string,
  paper: string | undefined,
  ...defenses: Transformed["defenses"]
): Transformed => ({ by: "transformation", title, defenses, paper });

/** A database that two cores search in time; a million patches are published. */
const quilting = { name: "quilting", patches: 50_000 };

const learned = (title: string, recipe: string, paper: string): Trained => ({
  by: "recipe",
  change: { title, values: { "recipe.name": recipe } },
  paper,
});

/** Rivals of some tasks only. */
const of = (
  tasks: readonly string[],
  rivals: Readonly<Record<string, Rival>>,
): Record<string, Rival> =>
  Object.fromEntries(Object.entries(rivals).map(([name, rival]) => [name, { ...rival, tasks }]));

/** By the name of a cell, in the order of the paper's tables. */
export const RIVALS: Readonly<Record<string, Rival>> = {
  "none-finetuned": finetuned(none),
  ...of(["classification"], {
    trades,
    "trades-finetuned": finetuned(trades),
    free,
    "free-finetuned": finetuned(free),
    "pgd-at": trained("PGD-AT", "pgd"),
    fast: trained("Fast AT", "fast"),
  }),
  ...of(["segmentation"], {
    sat,
    "sat-finetuned": finetuned(sat),
    ddcat,
    "ddcat-finetuned": finetuned(ddcat),
  }),
  ...of(["detection"], {
    cls: trained("CLS", "cls", "CLS"),
    loc: trained("LOC", "loc", "LOC"),
    con: trained("CON", "con", "CON"),
    mtd: trained("MTD", "mtd", "MTD"),
  }),
  ...of(["classification"], {
    quilting: transformed("Image quilting", "Quilting", quilting),
    "tvm+quilting": transformed("TVM, then quilting", "Quilting+TVM", { name: "tvm" }, quilting),
  }),
  jpeg: transformed("JPEG", "JPEG", { name: "jpeg" }),
  ...of(["classification"], {
    randomization: transformed("Randomization", "Randomization", {
      name: "random-resize-pad",
      mode: "enlarge",
    }),
  }),
  "ape-gan": learned("APE-GAN", "ape-gan", "APE"),
  hgd: learned("HGD", "hgd", "Denoise"),
  nrp: learned("NRP", "nrp", "NRP"),
  fpd: learned("FPD", "fpd", "FPD"),
  "defense-gan": learned("Defense-GAN", "defense-gan", "Defense"),
  sr: learned("SR", "sr", "SR"),
  identity: transformed("Identity", undefined, { name: "identity" }),
  bicubic: transformed("Bicubic", undefined, {
    name: "bicubic",
    output: "same",
  }),
};

/**
 * The rivals that a table has for a task, by name in the paper's order.
 *
 * @param task The task's name; one that is not the paper's has those of all tasks
 */
export function rivalsOf(task: string): string[] {
  return Object.entries(RIVALS)
    .filter(([, { tasks }]) => tasks === undefined || tasks.includes(task))
    .map(([name]) => name);
}

/**
 * Purifiers of a narrow G's size: what was published has up to seventy times the weights of such a G, and takes minutes
 * for each step on two cores. Defense-GAN's search is shorter.
 */
const NARROW: Readonly<Record<string, ValueCell["values"]>> = {
  hgd: { "recipe.width": "16" },
  nrp: { "recipe.width": "32", "recipe.blocks": "2", "recipe.growth": "16" },
  fpd: { "recipe.encoder": "resnet18", "recipe.width": "16" },
  "defense-gan": { "recipe.restarts": "2", "recipe.steps": "50" },
  sr: { "recipe.width": "32", "recipe.blocks": "4" },
};

/** Channels of the paper's G. */
const WIDE = 64;

/** The rate of a finetuning, at most a tenth of that of O's training. The paper does not give it: ours. */
const FINE = 0.01;

/**
 * A rival beside a preset's G and O: as published, or narrowed where G is narrower than the paper's; a finetuning at
 * a lower rate than O's training.
 *
 * @param name Of `RIVALS`
 * @param preset The preset
 */
export function rivalBeside(
  name: string,
  { generator, target: { train: { schedule: { peak } } } }: Pick<Preset, "generator" | "target">,
): Rival {
  const rival = RIVALS[name];
  if (rival.by === "transformation") return rival;
  const { title, values } = rival.change;
  const narrow = generator.width < WIDE ? NARROW[name] : undefined;
  const rate = Number(Math.min(FINE, peak / 10).toPrecision(6));
  const fine = { "target.train.schedule.peak": `${rate}` };
  return {
    ...rival,
    change: {
      title: narrow ? `${title}, narrow` : title,
      values: { ...values, ...narrow, ...(rival.finetuned && fine) },
    },
  };
}

/** Learned purifiers, which can stand in front of another O than that of their training. */
export const PURIFIERS: readonly string[] = Object.entries(RIVALS)
  .filter(([, { by }]) => by === "recipe").map(([name]) => name);

/** Rows that restore nothing by design: a defense that is not above them shows nothing. */
export const CONTROLS: readonly string[] = ["identity", "bicubic", "jpeg"];

/** O trained on, as long and as fast as others are adversarially: their control. */
export const TARGET_CONTROL = "none-finetuned";
