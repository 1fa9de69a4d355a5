/**
 * An entry in the table of defenses: its options and how it is created.
 *
 * @module
 */
import type { Picture } from "../dataset.ts";
import type { Options, ValuesOf } from "../options.ts";
import type { Restorer } from "../recipes/restorer.ts";
import type { Defense } from "./defense.ts";
import type { Fitting } from "./fit.ts";

/** Compresses and decompresses a picture. Core has no codec of its own. */
export type JpegRoundTrip = (picture: Picture, quality: number) => Promise<Picture>;

/** What defenses need from outside core. The caller disposes it. */
export interface DefenseKit {
  /** The trained G; borrowed. */
  generator?(): Promise<RestoringGenerator>;
  /** Titles of defenses that go before those of the table: what a run trained in place of G. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly jpegRoundTrip?: JpegRoundTrip;
  /** What is taken from clean training images: `fitOn(dataset, random)`, or the same kept from before. */
  readonly fitted?: Fitting;
}

/** The part of a trained network, G or a rival's, that a defense needs. */
export type RestoringGenerator = Pick<Restorer, "restore" | "parameters" | "createDefense">;

/**
 * Role of a defense in comparisons: a "control" changes nothing by design, "trained" ones are a run's
 * results, a "transformation" needs no training.
 */
export type DefenseRole = "control" | "trained" | "transformation";

/** An entry in the table of defenses. */
export interface DefenseDefinition<T extends Options = Options> {
  /** Its title in tables and reports. */
  readonly title: string;
  readonly role: DefenseRole;
  /** Raised whenever the defense's numbers change; results of older versions are then not taken up again. */
  readonly version: number;
  readonly options: T;
  /** Creates the defense. Throws RangeError if the kit lacks something it needs. */
  create(values: ValuesOf<T>, kit: DefenseKit): Promise<Defense & Disposable>;
}

/** Declares a defense, typed by its options. */
export function defineDefense<const T extends Options>(
  definition: DefenseDefinition<T>,
): DefenseDefinition<T> {
  return definition;
}
