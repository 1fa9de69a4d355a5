/**
 * The shape of target models: sizes, normalisation, adapters of model files.
 *
 * @module
 */
import { type AdapterSettings, isModelFile } from "@realign/core";
import { z } from "zod";

/** A share of a whole, or a pixel. */
export const share = z.number().min(0).max(1);
const side = z.int().min(1).max(16384);
/** Height and width. */
export const size = z.tuple([side, side]);
const perChannel = <T extends z.ZodType<number>>(value: T) => z.tuple([value, value, value]);

/** Of red, green and blue in [0, 1]; pixels in [0, 255] are a mean of 0 and a deviation of 1/255. */
export const normalization = z.strictObject({
  mean: perChannel(share),
  deviation: perChannel(z.number().min(1e-4).max(1)),
});

/** A dataset's own options, and a task's of a model file. */
export const scalar = z.union([z.string(), z.number(), z.boolean()]);

const word = z.string().min(1);

/** How a model file is read. */
export const adapter = z.strictObject({
  outputs: z.record(z.string(), word).optional(),
  layout: z.enum(["nchw", "nhwc"]).optional(),
  channels: z.enum(["rgb", "bgr"]).optional(),
  classNames: z.array(z.string()).min(2).optional(),
  options: z.record(z.string(), scalar).optional(),
  digest: word.optional(),
}) satisfies z.ZodType<AdapterSettings>;

/** Another target; only a model file, its own or O's, needs no weights beside it. */
export const otherTarget = z.strictObject({
  architecture: word.optional(),
  adapter: adapter.optional(),
  size: size.optional(),
  weights: z.string(),
  normalization: normalization.optional(),
});

/** Whether another target may be without a file of weights. */
export function mayLackWeights(architecture: string | undefined): boolean {
  return architecture === undefined || isModelFile(architecture);
}
