/**
 * Work that several processes share: each makes a share and stores it, and the whole finds what is stored.
 *
 * @module
 */
export { attackShare, type ShareParts } from "./evaluate/attack_share.ts";
export { isInShare, type Share } from "./share.ts";
export { fillTrainingShare } from "./train/adversaries.ts";
