/**
 * How many broken defenses alarms must catch, and on how many honest systems they must stay silent. The tests go
 * by these numbers.
 *
 * @module
 */

/** Each broken in its own way. */
export const BROKEN = 8;

/** A plain network, an adversarially trained one, and a G with its exact gradient. */
export const HONEST = 3;
