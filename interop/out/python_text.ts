/**
 * Values as Python writes them. Texts are in ASCII and wholly escaped: whatever a run, a class or an output is called, it
 * stays a text.
 *
 * @module
 */

/** A text: printable ASCII, all else as escapes, so that nothing ends it or changes the order in which it is read. */
export function pythonText(text: string): string {
  const escaped = Array.from(text, (sign) => {
    const code = sign.codePointAt(0)!;
    if (sign === '"' || sign === "\\") return `\\${sign}`;
    if (code >= 0x20 && code < 0x7f) return sign;
    const digits = code.toString(16);
    return code > 0xffff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

/** A float32 by the fewest digits that tell it from others. */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) {
    return `float("${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}")`;
  }
  if (Object.is(value, -0)) return "-0.0";
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => Number(value.toPrecision(count)));
  const short = digits.find((one) => Math.fround(one) === Math.fround(value)) ?? value;
  const text = String(short);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A tuple of what is written already. */
export function pythonTuple(parts: readonly (string | number)[]): string {
  return `(${parts.join(", ")}${parts.length === 1 ? "," : ""})`;
}

/** Plain data: texts, numbers, lists, records; what is undefined in a record is left out. */
export function pythonValue(value: unknown): string {
  if (typeof value === "string") return pythonText(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return pythonFloat(value);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return "None";
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries.map(([key, one]) => `${pythonText(key)}: ${pythonValue(one)}`).join(", ")}}`;
}
