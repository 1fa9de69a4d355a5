/**
 * The tensor library shared by core, plugins and third parties, so that its version is chosen
 * in one place.
 *
 * @module
 */
export * from "@tensorflow/tfjs";
