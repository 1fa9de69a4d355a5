/**
 * SR: wavelet denoising and super-resolution.
 *
 * @module
 */
import { meanAbsoluteDifference } from "../losses/mod.ts";
import { createSuperResolver } from "../networks/edsr.ts";
import { atLeast, option, wholeFrom } from "../options.ts";
import { adam } from "../paper_settings.ts";
import { adamAt, defineRecipe } from "./recipe.ts";

/**
 * SR (Mustafa et al. 2019): wavelets take noise away, and EDSR (Lim et al. 2017) doubles the image, onto what natural
 * images look like; 2 x 2 pixels are then averaged. The method as published gives O the image of twice the size; here
 * every O sees images of its own size, and would itself resize them to the same average. EDSR learns from clean images
 * alone, from halves to wholes, by the mean absolute error; it needs neither attack nor O.
 *
 * Published: σ .01 of Haar wavelets with BayesShrink; EDSR's baseline, trained with Adam at 1e-4 (.9, .999), batch 16,
 * 300 epochs, its halved rate in the last third left out here, on patches of DIV2K where these are the run's own images.
 * The published demonstration also saves denoised images as JPEG, another defense, which is not repeated.
 */
export const sr = defineRecipe({
  title: "SR",
  source: "Mustafa et al. 2019",
  needs: [],
  options: {
    width: option(64, wholeFrom(1, 1024), "Channels of EDSR"),
    blocks: option(16, wholeFrom(0, 64), "Residual blocks of EDSR"),
    residualScale: option(
      1,
      atLeast(0),
      "What a block's output is multiplied by; .1 for 32 blocks of 256 channels",
    ),
    sigma: option(
      0.01,
      atLeast(0),
      "Deviation of the noise that wavelet denoising takes away; 0 for none",
    ),
  },
  original: () => ({
    train: { batchSize: 16, epochs: 300, ...adamAt(1e-4, { ...adam, beta1: 0.9 }) },
  }),
  createRestorer: (values, _size, random) => createSuperResolver(values, random),
  inputs: ({ clean }) => clean,
  terms: ({ clean, restored }) => ({
    reconstruction: { weight: 1, compute: () => meanAbsoluteDifference(restored, clean) },
  }),
});
