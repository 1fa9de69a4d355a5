/**
 * The task-agnostic core.
 *
 * @module
 */
export * from "./data.ts";
export * from "./parameters.ts";
export * from "./preset.ts";
export * from "./random.ts";
export * from "./shapes.ts";
export * from "./task.ts";
