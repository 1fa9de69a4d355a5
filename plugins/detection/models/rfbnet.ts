/**
 * RFBNet300 (Liu et al. 2018) over VGG-16, laid out and named as in ruinmessi/RFBNet.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import type { Mode } from "./network.ts";
import { basicConv, coarseBlock, fineBlock } from "./rfb_block.ts";
import type { FeatureNetwork } from "./ssd.ts";
import { channelsOf, createVgg, FC_CHANNELS, type LayerSettings } from "./vgg.ts";

/**
 * Builds RFBNet300 up to its feature maps: a block on conv4_3, one on fc7, two that halve, then twice two
 * convolutions that shave.
 *
 * @param parameters Where the weights go
 * @param settings Width; the batch norms of its blocks are there in any case, those in VGG-16 if asked for
 * @returns From prepared images to the maps: 38, 19, 10, 5, 3, 1 rows
 */
export function createRfbNet(parameters: Parameters, settings: LayerSettings): FeatureNetwork {
  const sizeOf = (channels: number) => channelsOf(channels, settings);
  const vgg = createVgg(parameters, (place) => `base.${place}`, settings, 6);
  const [conv4, fc7, coarse, small, narrow] = [512, FC_CHANNELS, 512, 256, 128].map(sizeOf);
  const fine = fineBlock(parameters, "Norm", conv4);
  const blocks = [
    coarseBlock(parameters, "extras.0", fc7, fc7, 1),
    coarseBlock(parameters, "extras.1", fc7, coarse, 2),
    coarseBlock(parameters, "extras.2", coarse, small, 2),
  ];
  const shaves = [3, 5].map((place) => [
    basicConv(parameters, `extras.${place}`, small, narrow, { kernel: 1 }),
    basicConv(parameters, `extras.${place + 1}`, narrow, small, { kernel: 3, padding: 0 }),
  ]);
  return {
    channels: [conv4, fc7, coarse, small, small, small],
    run(images, mode: Mode) {
      const maps = vgg(images, mode);
      const sources = [fine(maps.conv4, mode)];
      let map = maps.fc7;
      for (const layers of [...blocks.map((block) => [block]), ...shaves]) {
        map = layers.reduce((input, layer) => layer(input, mode), map);
        sources.push(map);
      }
      return { features: maps.fc7, sources };
    },
  };
}
