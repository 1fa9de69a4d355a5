/**
 * All layers together.
 *
 * @module
 */
import { activationLayers } from "./activations.ts";
import type { LayerTable } from "./layer_graph.ts";
import { mapLayers } from "./maps.ts";
import { normalizationLayers } from "./normalizations.ts";
import { weightedLayers } from "./weighted.ts";

/** By Keras's names. */
export const layerTable: LayerTable = {
  ...activationLayers,
  ...mapLayers,
  ...normalizationLayers,
  ...weightedLayers,
};
