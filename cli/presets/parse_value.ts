/**
 * Texts of the command line, read as what a preset's settings hold.
 *
 * @module
 */
import type { AnyAttackTable, Option } from "@realign/core";
import { z } from "zod";
import { UsageError } from "../system/failure.ts";
import { keysAt, ownOptions, schemaAt } from "./preset_schema.ts";

/** Says that a list is only a preset's to set. */
export function listError(path: readonly string[]): UsageError {
  return new UsageError(
    `Cannot set ${
      path.join(".")
    } as lists can only be set in a preset: write your own, see --plugin`,
  );
}

/** What lists of numbers look like, by their length. */
const NUMBERS: Readonly<Record<number, string>> = {
  2: "two numbers, e.g. 32x32",
  3: "three numbers, e.g. 0.485,0.456,0.406",
  5: "five numbers, e.g. 1/32,1/16,1/8,1/4,1",
};

/** Reads a text as what the setting at a path holds. */
export function parseValue(
  path: readonly string[],
  text: string,
  group: object,
  attacks?: AnyAttackTable,
): unknown {
  const own = ownOptions(schemaAt(path.slice(0, -1)), group, attacks)?.[path.at(-1)!];
  if (own) return parseOption(own, text);
  const schema = schemaAt(path);
  const fail = (wanted: string): never => {
    throw new UsageError(`Cannot set ${path.join(".")} as it must be ${wanted}: got "${text}"`);
  };
  if (schema instanceof z.ZodArray) {
    const words = text.split(",").map((word) => word.trim());
    if (schema.element instanceof z.ZodString) return words;
    if (!(schema.element instanceof z.ZodNumber)) throw listError(path);
    const numbers = words.map(parseNumber);
    return numbers.includes(undefined) ? fail("numbers, e.g. 0.5,0.75") : numbers;
  }
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) {
    const first = keysAt(path)[0];
    return fail(`set one by one, e.g. --${[...path, first ?? "NAME"].join(".")}=VALUE`);
  }
  if (schema instanceof z.ZodBoolean) {
    return text === "true" ? true : text === "false" ? false : fail("true or false");
  }
  if (schema instanceof z.ZodNumber) {
    if (schema.meta()?.all) {
      return text === "all" ? 0 : parseNumber(text) ?? fail('an integer, or "all"');
    }
    return parseNumber(text) ?? fail("a number, e.g. 3, 0.031, 2e-4 or 8/255");
  }
  if (schema instanceof z.ZodUnion) return parseScalar(text);
  if (schema instanceof z.ZodTuple) {
    const numbers = text.replace(/^\[|\]$/g, "").split(/[,x]/).map(parseNumber);
    const wanted = schema.def.items.length;
    return numbers.length === wanted && !numbers.includes(undefined)
      ? numbers
      : fail(NUMBERS[wanted] ?? `${wanted} numbers`);
  }
  if (schema instanceof z.ZodEnum && !schema.options.includes(text)) {
    return fail(
      `one of ${schema.options.map((option) => `"${option}"`).join(", ")}`,
    );
  }
  return text;
}

/** Reads a text as what an option holds; as a scalar where it can hold nothing like it. */
export function parseOption({ range }: Option<unknown>, text: string): unknown {
  return [parseScalar(text), text].find(range.accepts) ?? parseScalar(text);
}

/** Reads true, false, a number, or else text. */
function parseScalar(text: string): string | number | boolean {
  return text === "true" ? true : text === "false" ? false : parseNumber(text) ?? text;
}

/** Reads a number or a fraction such as 8/255. */
function parseNumber(text: string): number | undefined {
  const [numerator, denominator, ...more] = text.trim().split("/");
  const read = (part: string) => part.trim() === "" ? NaN : Number(part);
  const value = denominator === undefined ? read(numerator) : read(numerator) / read(denominator);
  return Number.isFinite(value) && more.length === 0 ? value : undefined;
}
