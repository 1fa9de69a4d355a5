/**
 * Datasets and their loaders.
 *
 * @module
 */
export type { BoxDataset, BoxOptions } from "./box_files.ts";
export type { BoxPolicy } from "./box_policy.ts";
export * from "./sets/camvid.ts";
export * from "./sets/cifar.ts";
export * from "./sets/cityscapes.ts";
export * from "./sets/coco.ts";
export type {
  BoxAnnotation,
  ClassAnnotation,
  ClassDataset,
  LabelMapAnnotation,
  OpenedDataset,
} from "./dataset.ts";
export { isInside, type LinkOptions } from "./formats/data_root.ts";
export * from "./formats/decode.ts";
export * from "./sets/folder.ts";
export * from "./sets/imagenet64.ts";
export type { LabelMapDataset, LabelMapOptions } from "./label_files.ts";
export type { Fit } from "./formats/label_map.ts";
export { type ListedPictures, listPictures } from "./list_pictures.ts";
export * from "./open.ts";
export type { OwnOptions } from "./own_options.ts";
export * from "./sets/shapes.ts";
export * from "./subset.ts";
export * from "./sets/tiny_imagenet.ts";
export * from "./sets/voc.ts";
export * from "./sets/voc_classes.ts";
export * from "./sets/voc_segmentation.ts";
