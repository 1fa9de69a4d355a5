/**
 * Gives node:util back two functions that tfjs-node's kernels call and that recent runtimes dropped.
 *
 * @module
 */
import util from "node:util";

const old = util as unknown as Record<string, unknown>;
old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
old.isArray ??= Array.isArray;
