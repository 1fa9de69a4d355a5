/**
 * Datasets and their loaders.
 *
 * @module
 */
export * from "./cifar.ts";
export type { ClassAnnotation, ClassDataset, OpenedDataset } from "./dataset.ts";
export * from "./decode.ts";
export * from "./folder.ts";
export * from "./imagenet64.ts";
export * from "./open.ts";
export * from "./shapes.ts";
export * from "./subset.ts";
export * from "./tiny_imagenet.ts";
