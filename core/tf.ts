/**
 * The one tensor library that core, plugins and third parties share, so that one version is chosen
 * in one place.
 *
 * @module
 */
export * from "@tensorflow/tfjs";
