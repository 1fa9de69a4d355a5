/**
 * Errors with details added by a caller.
 *
 * @module
 */

/**
 * An error of the same class with a longer message. The original error is its cause.
 *
 * @param error What was caught
 * @param detail Appended to its message
 *
 * @example Usage
 * ```ts
 * import { withDetail } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const error = new RangeError("Cannot encode a label");
 * const told = withDetail(error, " (train/3)");
 * assert.ok(told instanceof RangeError);
 * assert.equal(told.message, "Cannot encode a label (train/3)");
 * assert.equal(told.cause, error);
 * ```
 */
export function withDetail(error: Error, detail: string): Error {
  const Kind = [RangeError, TypeError].find((kind) => error instanceof kind) ?? Error;
  return new Kind(error.message + detail, { cause: error });
}
