/**
 * Datasets and their loaders.
 *
 * @module
 */
export type { BoxDataset, BoxOptions } from "./box_files.ts";
export type { BoxPolicy } from "./box_policy.ts";
export * from "./camvid.ts";
export * from "./cifar.ts";
export * from "./cityscapes.ts";
export * from "./coco.ts";
export type {
  BoxAnnotation,
  ClassAnnotation,
  ClassDataset,
  LabelMapAnnotation,
  OpenedDataset,
} from "./dataset.ts";
export * from "./decode.ts";
export * from "./folder.ts";
export * from "./imagenet64.ts";
export type { LabelMapDataset, LabelMapOptions } from "./label_files.ts";
export type { Fit } from "./label_map.ts";
export * from "./open.ts";
export type { OwnOptions } from "./own_options.ts";
export * from "./shapes.ts";
export * from "./subset.ts";
export * from "./tiny_imagenet.ts";
export * from "./voc.ts";
export * from "./voc_classes.ts";
export * from "./voc_segmentation.ts";
