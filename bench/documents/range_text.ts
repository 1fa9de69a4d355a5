/**
 * A schema's ranges in words, those of options.
 *
 * @module
 */
import { above, atLeast, between, flag, oneOf, wholeFrom, word } from "@realign/core";

/** A JSON schema; only what the preset's schema uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: boolean | JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  /** Whether "all" stands for 0. */
  readonly all?: boolean;
}

const WORDS: Readonly<Record<number, string>> = { 2: "two", 3: "three", 4: "four", 5: "five" };

/**
 * Says what a setting must be.
 *
 * @param schema The setting's
 * @returns Completes "must be ...", e.g. "an integer of at least 1"
 * @throws {TypeError} If the schema is of a kind that no setting has had so far
 */
export function rangeText(schema: JsonSchema): string {
  const { type, prefixItems, items } = schema;
  if (schema.enum) return oneOf(...schema.enum).text;
  if (Array.isArray(type)) return `one of: ${type.map((one) => NAMES[one] ?? one).join(", ")}`;
  if (prefixItems) {
    const text = rangeText(prefixItems[0]).replace(/^an? (finite )?/, "");
    const many = text.replace(/^(integer|number)/, "$1s");
    return `${WORDS[prefixItems.length]} ${many}`;
  }
  if (type === "array" && typeof items === "object") {
    return items.properties ? "a list" : `a list, each ${rangeText(items)}`;
  }
  if (type === "boolean") return flag.text;
  if (type === "string") return schema.minLength ? word.text : "text";
  if (type === "integer") {
    const { minimum = 0, maximum = Infinity, all } = schema;
    const most = Number.isSafeInteger(maximum) && maximum < Number.MAX_SAFE_INTEGER
      ? maximum
      : Infinity;
    return `${wholeFrom(minimum, most).text}${all ? ', or "all"' : ""}`;
  }
  if (type === "number") return numberText(schema);
  throw new TypeError(`Cannot say the range of ${JSON.stringify(schema)}`);
}

const NAMES: Readonly<Record<string, string>> = { boolean: "true or false", string: "text" };

function numberText(
  { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema,
): string {
  if (exclusiveMinimum !== undefined) {
    const least = `a number above ${exclusiveMinimum}`;
    if (exclusiveMaximum !== undefined) return `${least} and below ${exclusiveMaximum}`;
    return maximum === undefined ? above(exclusiveMinimum).text : `${least} and at most ${maximum}`;
  }
  if (minimum === undefined) return "a finite number";
  if (exclusiveMaximum !== undefined) {
    return `a number of at least ${minimum} and below ${exclusiveMaximum}`;
  }
  return maximum === undefined ? atLeast(minimum).text : between(minimum, maximum).text;
}
