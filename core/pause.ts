/**
 * Pauses in long work, so that what waits outside of it is heard.
 *
 * @module
 */

/** Milliseconds of work between two pauses. */
const EVERY = 100;

let last = 0;

/**
 * Lets the event loop turn, at most ten times a second, and fails if the work is to end. Computation that
 * only awaits its own results never lets signals and timers in; loops call this once a turn.
 *
 * @param signal Ends the work; without one there is no pause
 * @throws {unknown} The signal's reason, once it is aborted
 *
 * @example Usage
 * ```ts
 * import { pause } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * const controller = new AbortController();
 * await pause(controller.signal);
 * controller.abort(new Error("enough"));
 * await assert.rejects(pause(controller.signal), /enough/);
 * ```
 */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return;
  signal.throwIfAborted();
  if (performance.now() - last < EVERY) return;
  await turn();
  signal.throwIfAborted();
}

/** Lets the event loop turn once. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  last = performance.now();
}
