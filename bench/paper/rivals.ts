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
  /** Its row in the paper's tables. */
  readonly paper?: string;
}

/** Defenses of the table that are not trained, in order. */
export interface Transformed {
  readonly by: "transformation";
  readonly title: string;
  readonly defenses: Preset["evaluation"]["systems"][string]["defenses"];
  readonly paper: string;
}

/** How a rival comes about. */
export type Rival = Trained | Transformed;

const trained = (title: string, adversarial: string, paper?: string): Rival => ({
  by: "target",
  change: { title, values: { "target.train.adversarial": adversarial } },
  paper,
});

const transformed = (title: string, paper: string, ...names: string[]): Rival => ({
  by: "transformation",
  title,
  defenses: names.map((name) => ({ name })),
  paper,
});

const learned = (title: string, recipe: string, paper: string): Rival => ({
  by: "recipe",
  change: { title, values: { "recipe.name": recipe } },
  paper,
});

/** By the name of a cell, in the order of the paper's tables. */
export const RIVALS: Readonly<Record<string, Rival>> = {
  trades: trained("TRADES", "trades", "TRADES"),
  free: trained("Free-adv", "free", "Free-adv"),
  "pgd-at": trained("PGD-AT", "pgd"),
  fast: trained("Fast AT", "fast"),
  quilting: transformed("Image quilting", "Quilting", "quilting"),
  "tvm+quilting": transformed("TVM, then quilting", "Quilting+TVM", "tvm", "quilting"),
  jpeg: transformed("JPEG", "JPEG", "jpeg"),
  randomization: transformed("Randomization", "Randomization", "random-resize-pad"),
  "ape-gan": learned("APE-GAN", "ape-gan", "APE"),
  hgd: learned("HGD", "hgd", "Denoise"),
  nrp: learned("NRP", "nrp", "NRP"),
};
