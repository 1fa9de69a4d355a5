/**
 * Reads an annotation of PASCAL VOC.
 *
 * @module
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { z } from "zod";
import type { RawBox } from "../box_policy.ts";

/** What a file says. */
export interface VocAnnotation {
  /** `[height, width]`; undefined where the file gives none, or 0. */
  readonly size: readonly [number, number] | undefined;
  readonly objects: readonly RawBox[];
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => name === "object",
});

const number = z.string().regex(/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i).transform(Number);

const objectSchema = z.looseObject({
  name: z.string().min(1),
  difficult: z.enum(["0", "1", "Unspecified"]).optional(),
  bndbox: z.looseObject({ xmin: number, ymin: number, xmax: number, ymax: number }),
});

const fileSchema = z.looseObject({
  annotation: z.union([
    z.looseObject({
      size: z.looseObject({ width: number, height: number }).optional(),
      object: z.array(z.unknown()).default([]),
    }),
    z.literal("").transform(() => ({ size: undefined, object: [] })),
  ]),
});

/**
 * Reads an annotation. VOC counts pixels from 1 and means both ends: the box of xmin to xmax has its left
 * edge at xmin - 1 and its right edge at xmax. A box with xmin = xmax, which would be one pixel wide, is
 * given no width: in practice it is a slip of the hand.
 *
 * @param text The file's text
 * @param name What errors call it
 * @throws {Error} If it is no such annotation; one line that names it and what is wrong
 */
export function readVocAnnotation(text: string, name: string): VocAnnotation {
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { msg, line } = valid.err;
    throw new Error(
      `Cannot read ${name} as it is not a complete XML file: ${msg.split("\n")[0]} Line ${line}`,
    );
  }
  const fail = (reason: string): never => {
    throw new Error(`Cannot read ${name} as it must be a VOC annotation: ${reason}`);
  };
  const file = fileSchema.safeParse(parse(text, fail));
  if (!file.success) {
    const { message, path } = file.error.issues[0];
    return fail(`${message} at ${path.join(".")}`);
  }
  const { size, object } = file.data.annotation;
  return {
    size: size && size.width > 0 && size.height > 0 ? [size.height, size.width] : undefined,
    objects: object.map((value, index) => toRawBox(value, `object ${index + 1} of ${name}`)),
  };
}

/** The parser refuses names that JavaScript's objects have, and endless depth. */
function parse(text: string, fail: (reason: string) => never): unknown {
  try {
    return parser.parse(text);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function toRawBox(value: unknown, where: string): RawBox {
  const result = objectSchema.safeParse(value);
  if (!result.success) {
    throw new Error(
      `Cannot use ${where} as it must have a name, a bndbox with the numbers xmin, ymin, xmax and ymax, and ` +
        `if it has difficult, 0 or 1 there: ${
          result.error.issues[0].path.join(".") || "all of it"
        } is wrong or missing`,
    );
  }
  const { name, difficult, bndbox: { xmin, ymin, xmax, ymax } } = result.data;
  return {
    edges: [xmin === xmax ? xmax : xmin - 1, ymin === ymax ? ymax : ymin - 1, xmax, ymax],
    className: name,
    difficult: difficult === "1",
  };
}
