/**
 * An entry of the table of defenses: its options, and how it is made.
 *
 * @module
 */
import type { Picture } from "../dataset.ts";
import type { Generator } from "../networks/generator.ts";
import type { Options, ValuesOf } from "../options.ts";
import type { Defense } from "./defense.ts";

/** Compresses a picture and decompresses it. Core has no codec of its own. */
export type JpegRoundTrip = (picture: Picture, quality: number) => Promise<Picture>;

/** What defenses are made from and the core has not by itself. Whoever gives a kit disposes of it. */
export interface DefenseKit {
  /** The trained G; borrowed. */
  generator?(): Promise<RestoringGenerator>;
  readonly jpegRoundTrip?: JpegRoundTrip;
}

/** What a defense needs of G. */
export type RestoringGenerator = Pick<Generator, "restore" | "parameters">;

/**
 * What a defense is compared as: a "control" changes nothing by design, "trained" ones are a run's
 * results, a "transformation" needs no training.
 */
export type DefenseRole = "control" | "trained" | "transformation";

/** An entry of the table of defenses. */
export interface DefenseDefinition<T extends Options = Options> {
  /** As tables and reports name it. */
  readonly title: string;
  readonly role: DefenseRole;
  readonly options: T;
  /** Makes the defense. Throws RangeError if the kit lacks what it needs. */
  create(values: ValuesOf<T>, kit: DefenseKit): Promise<Defense & Disposable>;
}

/** Gives a definition the type of its options. */
export function defineDefense<const T extends Options>(
  definition: DefenseDefinition<T>,
): DefenseDefinition<T> {
  return definition;
}
