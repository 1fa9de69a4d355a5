/**
 * The shape of trainings: attacks, rates, optimizers, O's training.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { SMALLEST_EPSILON } from "@realign/core/attacks";
import { z } from "zod";
import { weight } from "./loss_schema.ts";

/** Nearer to 1 nothing would ever move. */
export const decay = z.number().min(0).max(0.99999);
/** Passes over the data. */
export const epochs = z.number().gt(0).max(1e6);
const radius = z.number().min(SMALLEST_EPSILON).max(1);

/** Attacks declare their options themselves: see attack_options.ts. */
export const memberAttack = z.looseObject({ name: z.string().min(1) });

/** An attack, with options of its own. */
export const attack = z.looseObject({
  name: z.string().min(1),
  epsilon: radius,
  members: z.array(memberAttack).min(1).optional(),
}) satisfies z.ZodType<Preset["attack"]>;

/** A learning rate over the steps. */
export const schedule = z.strictObject({
  name: z.enum(["constant", "one-cycle", "constant-then-linear", "poly", "cosine", "multi-step"]),
  peak: z.number().min(1e-12).max(100),
  warmup: z.number().min(0).max(1),
  drops: z.array(z.number().gt(0).lt(1)).optional(),
});

/** Adam or SGD. */
export const optimizer = z.strictObject({
  name: z.enum(["adam", "sgd"]),
  beta1: decay,
  beta2: decay,
  momentum: decay,
  nesterov: z.boolean(),
  weightDecay: z.number().min(0).max(10),
});

/** Adversarial training of O; what excludes what is checked with the task. */
const adversarial = z.strictObject({
  attack: attack.optional(),
  replays: z.int().min(0).max(1000).optional(),
  epsilon: radius.optional(),
  share: z.number().gt(0).max(1).optional(),
  ramp: z.number().min(0).max(1).optional(),
  loss: z.string().min(1).optional(),
  beta: weight.optional(),
});

/** O's training. */
export const targetTraining = z.strictObject({
  batchSize: z.int().min(1),
  epochs,
  schedule,
  optimizer,
  headRate: z.number().min(1e-3).max(1e3).optional(),
  augmentation: z.string(),
  from: z.string().optional(),
  adversarial: adversarial.optional(),
}) satisfies z.ZodType<Preset["target"]["train"]>;
