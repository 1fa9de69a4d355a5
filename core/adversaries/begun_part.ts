/**
 * A part of an attack cache whose making was stopped: what was made of it goes on from there.
 *
 * @module
 */
import {
  type CachePart,
  type MadeBatch,
  openPart,
  packPart,
  type PartPlace,
  sizeOf,
} from "./cache_part.ts";
import type { CacheStorage } from "./cache_storage.ts";

const nameOf = (part: string): string => `${part}-begun`;

/** What there is of a part. */
export interface BegunPart {
  readonly made: MadeBatch[];
  /** Batches that it was made from. */
  readonly batches: number;
}

/** Keeps batches of a part that is not whole. */
export async function keepBegun(
  storage: CacheStorage,
  part: string,
  place: PartPlace,
  { made, batches }: BegunPart,
): Promise<void> {
  if (made.length === 0) return;
  const most = made.reduce((sum, { perturbations }) => sum + perturbations.length, 0) /
    place.pixels;
  await storage.write(nameOf(part), packPart({ ...place, most, batches }, made));
}

/** Reads what is kept of a part; undefined where there is nothing that belongs there. */
export async function readBegun(
  storage: CacheStorage,
  part: string,
  place: PartPlace,
): Promise<(BegunPart & Pick<CachePart, "featureShape" | "count">) | undefined> {
  const bytes = await storage.read(nameOf(part));
  const size = bytes && sizeOf(bytes);
  if (!size || size.batches >= place.batches || size.count >= place.most) return undefined;
  const opened = openPart(bytes, { ...place, most: size.count, batches: size.batches });
  return opened && { ...opened, made: [opened], batches: size.batches };
}

/** Forgets what was kept of a part that is whole now. */
export async function forgetBegun(storage: CacheStorage, part: string): Promise<void> {
  await storage.remove?.(nameOf(part));
}
