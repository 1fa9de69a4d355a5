/**
 * The defenses that the paper's Tables 3, 8, 13 and 15 put beside its own: networks trained adversarially,
 * transformations without training, learned purifiers.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import type { ValueCell } from "./value_cells.ts";

/** Another O, or another restorer in the place of G: settings that change. */
export interface Trained {
  readonly by: "target" | "recipe";
  readonly change: ValueCell;
  /** Whether its training starts from the O of the other rows. @default {false} */
  readonly finetuned?: boolean;
  /** Its row in the paper's tables. */
  readonly paper?: string;
}

/** Defenses of the table that are not trained, in order. */
export interface Transformed {
  readonly by: "transformation";
  readonly title: string;
  readonly defenses: Preset["evaluation"]["systems"][string]["defenses"];
  readonly paper?: string;
}

/** How a rival comes about. */
export type Rival = Trained | Transformed;

const trained = (title: string, adversarial: string, paper?: string): Trained => ({
  by: "target",
  change: { title, values: { "target.train.adversarial": adversarial } },
  paper,
});

/** The rate of a finetuning. The paper does not give it: ours. */
const FINE = { "target.train.schedule.peak": "0.01" };

/** The same from the weights of O. */
function finetuned({ change: { title, values }, paper = title }: Trained): Trained {
  const change = { title: `${title} (finetune)`, values: { ...values, ...FINE } };
  return { by: "target", change, finetuned: true, paper: `${paper} (finetune)` };
}

const none: Trained = { by: "target", change: { title: "No Defense", values: {} } };
const trades = trained("TRADES", "trades", "TRADES");
const free = trained("Free-adv", "free", "Free-adv");

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

/** By the name of a cell, in the order of the paper's tables. */
export const RIVALS: Readonly<Record<string, Rival>> = {
  "none-finetuned": finetuned(none),
  trades,
  "trades-finetuned": finetuned(trades),
  free,
  "free-finetuned": finetuned(free),
  "pgd-at": trained("PGD-AT", "pgd"),
  fast: trained("Fast AT", "fast"),
  quilting: transformed("Image quilting", "Quilting", quilting),
  "tvm+quilting": transformed("TVM, then quilting", "Quilting+TVM", { name: "tvm" }, quilting),
  jpeg: transformed("JPEG", "JPEG", { name: "jpeg" }),
  randomization: transformed("Randomization", "Randomization", {
    name: "random-resize-pad",
    mode: "enlarge",
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

/**
 * A rival beside a preset's G: as published, or narrowed where G is narrower than the paper's.
 *
 * @param name Of `RIVALS`
 * @param preset The preset
 */
export function rivalBeside(name: string, { generator }: Pick<Preset, "generator">): Rival {
  const rival = RIVALS[name];
  if (!(name in NARROW) || generator.width >= WIDE || rival.by === "transformation") return rival;
  const { title, values } = rival.change;
  return {
    ...rival,
    change: { title: `${title}, narrow`, values: { ...values, ...NARROW[name] } },
  };
}

/** Rows that restore nothing by design: a defense that is not above them shows nothing. */
export const CONTROLS: readonly string[] = ["identity", "bicubic", "jpeg"];

/** O trained on, as long and as fast as others are adversarially: their control. */
export const TARGET_CONTROL = "none-finetuned";
