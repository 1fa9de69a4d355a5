/**
 * Adapter files: how a model file is a target, written by `realign inspect --save-adapter` and edited by hand.
 *
 * @module
 */
import type { OtherTarget } from "@realign/core";
import type { SuggestedAdapter } from "@realign/interop";
import { z } from "zod";
import { formatJson } from "../system/json.ts";
import { readJson } from "../system/safe_file.ts";
import { UsageError } from "../system/failure.ts";
import { describeIssue } from "./preset_schema.ts";
import { adapter, normalization, size } from "./target_schema.ts";

const file = z.strictObject({
  size: size.optional(),
  normalization: normalization.optional(),
  ...adapter.shape,
});

/** What an adapter file says of a target. */
export type AdapterFile = Pick<OtherTarget, "size" | "normalization" | "adapter">;

/**
 * Reads an adapter file.
 *
 * @param path The file
 * @returns Settings of a target
 * @throws {UsageError} If it is not there, or a key is unknown or holds what is impossible
 */
export async function readAdapter(path: string): Promise<AdapterFile> {
  const fail = (reason: string): never => {
    throw new UsageError(`Cannot use ${path} as an adapter as ${reason}`);
  };
  const value = await readJson(path);
  if (value === undefined) return fail("it does not exist");
  const { success, data, error } = file.safeParse(value);
  if (!success) return fail(describeIssue(error.issues[0], value, keysAt));
  const { size, normalization, ...adapter } = data;
  return {
    ...(size && { size }),
    ...(normalization && { normalization }),
    ...(Object.keys(adapter).length > 0 && { adapter }),
  };
}

function keysAt(path: readonly string[]): readonly string[] {
  const inner = path.reduce<z.ZodType>((schema, key) => {
    const at = schema instanceof z.ZodObject ? schema.shape[key] as z.ZodType : schema;
    return at instanceof z.ZodOptional ? at.unwrap() as z.ZodType : at;
  }, file);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/**
 * An adapter file with what was found in a model, to be edited.
 *
 * @param found What `suggestAdapter` suggests
 */
export function formatAdapter(
  { logits, features, layout, size, classNames }: SuggestedAdapter,
): string {
  const adapter: z.infer<typeof file> = {
    ...(size && { size: [size[0], size[1]] }),
    // As they are: what its training images were normalised by stands in no file.
    normalization: { mean: [0, 0, 0], deviation: [1, 1, 1] },
    outputs: { logits, ...(features !== undefined && { features }) },
    layout,
    channels: "rgb",
    ...(classNames && { classNames: [...classNames] }),
  };
  return `${formatJson(adapter)}\n`;
}
