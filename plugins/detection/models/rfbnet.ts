/**
 * RFBNet (Liu et al. 2018) over VGG-16: RFBNet300 laid out and named as in ruinmessi/RFBNet, and the same for smaller
 * pictures.
 *
 * @module
 */
import type { Parameters } from "@realign/core";
import type { Mode } from "./network.ts";
import { basicConv, coarseBlock, fineBlock } from "./rfb_block.ts";
import type { FeatureNetwork, SsdGeometry } from "./ssd.ts";
import { channelsOf, createVgg, FC_CHANNELS, type LayerSettings } from "./vgg.ts";

/**
 * Builds RFBNet up to its feature maps: a block on conv4_3, one on fc7, two that halve, then two convolutions for each
 * map that loses two rows.
 *
 * @param parameters Where the weights go
 * @param settings Width; the batch norms of its blocks are there in any case, those in VGG-16 if asked for
 * @param geometry SSD's for the same pictures
 * @returns From prepared images to the maps
 */
export function createRfbNet(
  parameters: Parameters,
  settings: LayerSettings,
  { cells, dilation }: SsdGeometry,
): FeatureNetwork {
  const sizeOf = (channels: number) => channelsOf(channels, settings);
  const vgg = createVgg(parameters, (place) => `base.${place}`, settings, dilation);
  const [conv4, fc7, coarse, small, narrow] = [512, FC_CHANNELS, 512, 256, 128].map(sizeOf);
  const fine = fineBlock(parameters, "Norm", conv4);
  const blocks = [
    coarseBlock(parameters, "extras.0", fc7, fc7, 1),
    coarseBlock(parameters, "extras.1", fc7, coarse, 2),
    coarseBlock(parameters, "extras.2", coarse, small, 2),
  ];
  const shaves = cells.slice(4).map((_, index) => 3 + 2 * index).map((place) => [
    basicConv(parameters, `extras.${place}`, small, narrow, { kernel: 1 }),
    basicConv(parameters, `extras.${place + 1}`, narrow, small, { kernel: 3, padding: 0 }),
  ]);
  return {
    channels: [conv4, fc7, coarse, ...cells.slice(3).map(() => small)],
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
