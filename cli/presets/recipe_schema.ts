/**
 * The shape of a preset's recipe.
 *
 * @module
 */
import { REALIGN, recipes } from "@realign/core/recipes";
import { z } from "zod";
import { refineOptions } from "./refine_options.ts";

/** How a rival may be trained. */
export const protocol = z.enum(["paper", "original"]);

/** A rival's name in the table, its protocol, and options that its entry there declares. */
export const recipe = z.looseObject({
  name: z.enum([REALIGN, ...Object.keys(recipes)]),
  protocol: protocol.optional(),
}).superRefine(refineOptions((name) => recipes[name]?.options ?? {}, ["protocol"]));
