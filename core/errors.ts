/**
 * Errors of which more is known than where they were thrown.
 *
 * @module
 */

/**
 * An error of the same kind whose message says more. The former one is its cause.
 *
 * @param error What was caught
 * @param detail Follows its message
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
