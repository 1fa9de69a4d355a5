/**
 * What a task and its target network must have: told where a plugin is loaded, not where it is first missed.
 *
 * @module
 */
import type { AnyTarget, AnyTask } from "../erased.ts";

/** Members by their type. */
type Members = Readonly<Record<string, "function" | "object" | "string" | "number">>;

const taskMembers: Members = {
  name: "string",
  classCount: "number",
  createTarget: "function",
  encodeLabels: "function",
  augmentations: "object",
  extractFeatures: "function",
  taskLoss: "function",
  objectives: "object",
  attacks: "object",
  createMetric: "function",
  describe: "function",
};

const targetMembers: Members = { name: "string", parameters: "object", forward: "function" };

/**
 * Fails unless a value has the members of a `TaskAdapter`.
 *
 * @param value What a plugin's `createTask` gave
 * @param plugin Named in errors
 * @throws {TypeError} One line that names the plugin and the member
 *
 * @example Usage
 * ```ts
 * import { assertTask } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => assertTask({ name: "depth" }, "depth"), /must have classCount, a number/);
 * ```
 */
export function assertTask(
  value: unknown,
  plugin: string,
): asserts value is AnyTask {
  assertMembers(value, taskMembers, `the plugin "${plugin}" as what its createTask gives`);
}

/**
 * Fails unless a value has the members of a `TargetModel`, `Symbol.dispose` included.
 *
 * @param value What a task's `createTarget` gave
 * @param task Named in errors
 * @throws {TypeError} One line that names the task and the member
 *
 * @example Usage
 * ```ts
 * import { assertTarget } from "@realign/core";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => assertTarget(undefined, "depth"), /what its createTarget gives must be an object/);
 * ```
 */
export function assertTarget(
  value: unknown,
  task: string,
): asserts value is AnyTarget {
  const what = `the task "${task}" as what its createTarget gives`;
  assertMembers(value, targetMembers, what);
  if (!(Symbol.dispose in value) || typeof value[Symbol.dispose] !== "function") {
    throw new TypeError(`Cannot use ${what} must have [Symbol.dispose], a function`);
  }
}

function assertMembers(
  value: unknown,
  members: Members,
  what: string,
): asserts value is object {
  if (typeof value !== "object" || value === null || value instanceof Promise) {
    const current = value instanceof Promise ? "a promise" : value === null ? "null" : typeof value;
    throw new TypeError(`Cannot use ${what} must be an object: current value is ${current}`);
  }
  for (const [name, type] of Object.entries(members)) {
    const member: unknown = Reflect.get(value, name);
    if (typeof member === type && member !== null) continue;
    const article = type === "object" ? "an" : "a";
    throw new TypeError(
      `Cannot use ${what} must have ${name}, ${article} ${type}: current value is ${
        member === null ? "null" : typeof member
      }`,
    );
  }
}
