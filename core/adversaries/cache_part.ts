/**
 * A part of an attack cache: consecutive examples, stored and read as the same bytes.
 *
 * @module
 */

/** Told from another layout, and from bytes of another origin. */
const MARK = 0x52414333;
/** Numbers of 32 bits before the content: mark, examples, first index, pixels, vectors an example, their length, batches, 0. */
const HEADER = 8;

/** Features of an example: how many vectors, and how many numbers each has. */
export type FeatureShape = readonly [vectors: number, length: number];

/** What a part must match to belong at its place in a cache. */
export interface PartPlace {
  /** Index of its first example. */
  readonly first: number;
  /** Numbers of a perturbation. */
  readonly pixels: number;
  /** Per example; `[0, 0]` if features are not stored, undefined if not known yet. */
  readonly featureShape: FeatureShape | undefined;
  /** Batches that it was made from. */
  readonly batches: number;
  /** Examples that it must hold unless the first part of a pass, which may hold fewer. */
  readonly most: number;
}

/** Perturbations and features of consecutive examples. */
export interface CachePart {
  readonly first: number;
  readonly count: number;
  /** `[count, pixels]`, -127 to 127. */
  readonly perturbations: Int8Array;
  readonly featureShape: FeatureShape;
  /** `[count, vectors, length]`. */
  readonly features: Float32Array;
}

/** The result of one batch. */
export type MadeBatch = Pick<CachePart, "perturbations" | "features">;

/**
 * Encodes consecutive batches as the bytes of a part.
 *
 * @param place Where the part belongs; its features' shape is known
 * @param made Its batches, without padding
 * @returns Header, features, perturbations
 */
export function packPart(place: PartPlace, made: readonly MadeBatch[]): Uint8Array<ArrayBuffer> {
  const { first, pixels, featureShape: [vectors, length] = [0, 0], batches } = place;
  const count = made.reduce((sum, { perturbations }) => sum + perturbations.length, 0) / pixels;
  const bytes = new Uint8Array(4 * HEADER + count * (4 * vectors * length + pixels));
  new Uint32Array(bytes.buffer, 0, HEADER).set([
    MARK,
    count,
    first,
    pixels,
    vectors,
    length,
    batches,
  ]);
  const part = openPart(bytes, place)!;
  let [pixelsAt, featuresAt] = [0, 0];
  for (const { perturbations, features } of made) {
    part.perturbations.set(perturbations, pixelsAt);
    pixelsAt += perturbations.length;
    if (length === 0) continue;
    part.features.set(features, featuresAt);
    featuresAt += features.length;
  }
  return bytes;
}

/**
 * Decodes the bytes of a part.
 *
 * @param bytes From a storage
 * @param place Where the part belongs
 * @returns The part, sharing the memory if aligned; undefined if the bytes belong to another
 * place, size or layout
 */
export function openPart(bytes: Uint8Array, place: PartPlace): CachePart | undefined {
  if (bytes.length < 4 * HEADER) return undefined;
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const [mark, count, first, pixels, vectors, length, batches] = new Uint32Array(
    buffer,
    byteOffset,
    HEADER,
  );
  const fits = mark === MARK && first === place.first && pixels === place.pixels &&
    vectors === (place.featureShape?.[0] ?? vectors) &&
    length === (place.featureShape?.[1] ?? length) && batches === place.batches &&
    count > 0 && (count === place.most || place.first === 0 && count < place.most) &&
    bytes.length === 4 * HEADER + count * (4 * vectors * length + pixels);
  if (!fits) return undefined;
  const features = new Float32Array(buffer, byteOffset + 4 * HEADER, count * vectors * length);
  const perturbations = new Int8Array(
    buffer,
    features.byteOffset + features.byteLength,
    count * pixels,
  );
  return { first, count, perturbations, featureShape: [vectors, length], features };
}
