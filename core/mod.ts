/**
 * The task-agnostic core.
 *
 * @module
 */
export * from "./accumulated_step.ts";
export * from "./attack_cache.ts";
export * from "./augment.ts";
export * from "./batches.ts";
export * from "./check_run.ts";
export * from "./check_task.ts";
export * from "./data.ts";
export * from "./discriminator.ts";
export * from "./evaluate.ts";
export * from "./evaluation.ts";
export * from "./generator.ts";
export * from "./images.ts";
export * from "./in_memory.ts";
export * from "./interval.ts";
export * from "./kept_images.ts";
export * from "./load_weights.ts";
export * from "./optimizer.ts";
export * from "./order.ts";
export * from "./paper_settings.ts";
export * from "./parameters.ts";
export * from "./perceptual.ts";
export * from "./preset.ts";
export * from "./random.ts";
export * from "./safetensors.ts";
export * from "./schedule.ts";
export * from "./shapes.ts";
export * from "./step_parts.ts";
export * from "./suggest.ts";
export * from "./task.ts";
export * from "./train.ts";
export * from "./train_state.ts";
export * from "./train_step.ts";
export * from "./train_target.ts";
export * from "./training.ts";
export * from "./worst_cases.ts";
