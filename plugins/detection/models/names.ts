/**
 * What published checkpoints call the weights of a detector.
 *
 * @module
 */

/** Names of layers; a weight's name is its layer's and ".weight" or ".bias". */
export interface DetectorNames {
  /** Of a layer of VGG-16, by its place in the list of all its layers: 0 is conv1_1, 31 fc6, 33 fc7. */
  vgg(place: number): string;
  /** Of the factors of the normalised conv4_3. */
  readonly scale: string;
  /** Of the first or second convolution of an extra block. */
  extra(block: number, index: 0 | 1): string;
  readonly classes: (map: number) => string;
  readonly offsets: (map: number) => string;
}

/** Torchvision's: conv4_3 ends its `features`, and what comes after is the first of its `extra`. */
export const torchvisionNames: DetectorNames = {
  vgg(place) {
    if (place < 23) return `backbone.features.${place}`;
    if (place < 30) return `backbone.extra.0.${place - 23}`;
    return `backbone.extra.0.7.${place - 30}`;
  },
  scale: "backbone.scale_weight",
  extra: (block, index) => `backbone.extra.${block + 1}.${2 * index}`,
  classes: (map) => `head.classification_head.module_list.${map}`,
  offsets: (map) => `head.regression_head.module_list.${map}`,
};

/** Those of amdegroot/ssd.pytorch. */
export const amdegrootNames: DetectorNames = {
  vgg: (place) => `vgg.${place}`,
  scale: "L2Norm.weight",
  extra: (block, index) => `extras.${2 * block + index}`,
  classes: (map) => `conf.${map}`,
  offsets: (map) => `loc.${map}`,
};
