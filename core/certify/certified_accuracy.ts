/**
 * Certificates of many images in figures: certified accuracy over the radius, and its mean.
 *
 * @module
 */
import { wilsonInterval } from "../evaluate/interval.ts";
import type { Certificate } from "./certificate.ts";
import { normalQuantile } from "./normal_quantile.ts";

/** A certificate with the truth. */
export interface JudgedCertificate extends Certificate {
  /** The image's class. */
  readonly label: number;
}

/** Share of images that are certified to be right within a radius. */
export interface CertifiedShare {
  readonly radius: number;
  /** In `[0, 1]`. */
  readonly value: number;
  /** 95 %, of the choice of images. */
  readonly interval: readonly [number, number];
}

/** Of one system. */
export interface CertifiedAccuracy {
  /** Number of images. */
  readonly count: number;
  /** Share of images without a certificate, in `[0, 1]`. */
  readonly abstained: number;
  /** ACR (Zhai et al. 2020): the mean radius, 0 for an image whose certificate is missing or of a wrong class. */
  readonly averageRadius: { readonly value: number; readonly interval: readonly [number, number] };
  /** At each of the radii that were asked for. */
  readonly shares: readonly CertifiedShare[];
}

/**
 * Certified accuracy: an image counts at a radius if its certified class is right and its certified radius is no
 * smaller.
 *
 * @param certificates Of at least one image
 * @param radii Where it is wanted; 0 is the smoothed network's accuracy without abstentions
 * @returns Shares and mean with 95 % intervals of the choice of images: Wilson's, and the normal one of a mean
 * @throws {RangeError} If there is no certificate
 *
 * @example Usage
 * ```ts
 * import { certifiedAccuracy } from "@realign/core/certify";
 * import assert from "node:assert/strict";
 *
 * const certificate = (label: number, radius: number | null) => ({ class: 1, count: 99, radius, label });
 * const certificates = [certificate(1, 0.5), certificate(1, null), certificate(0, 0.7), certificate(1, 0.1)];
 * const { shares, averageRadius, abstained } = certifiedAccuracy(certificates, [0, 0.25]);
 * assert.deepEqual(shares.map(({ value }) => value), [0.5, 0.25]);
 * assert.equal(averageRadius.value, 0.15);
 * assert.equal(abstained, 0.25);
 * ```
 */
export function certifiedAccuracy(
  certificates: readonly JudgedCertificate[],
  radii: readonly number[],
): CertifiedAccuracy {
  const count = certificates.length;
  if (count === 0) {
    throw new RangeError(
      "Cannot compute certified accuracy as there must be at least one certificate: current value is 0",
    );
  }
  const certified = certificates.map(certifiedRadius);
  const shares = radii.map((radius) => {
    const right = certified.filter((own) => own !== null && own >= radius).length;
    return { radius, value: right / count, interval: wilsonInterval(right, count) };
  });
  const abstained = certificates.filter(({ radius }) => radius === null).length / count;
  return { count, abstained, averageRadius: meanOf(certified.map((own) => own ?? 0)), shares };
}

/**
 * The radius within which an image is certified to be right.
 *
 * @param certificate With the truth
 * @returns Null where the test abstains, or certifies a wrong class
 *
 * @example Usage
 * ```ts
 * import { certifiedRadius } from "@realign/core/certify";
 * import assert from "node:assert/strict";
 *
 * assert.equal(certifiedRadius({ class: 1, count: 99, radius: 0.5, label: 1 }), 0.5);
 * assert.equal(certifiedRadius({ class: 1, count: 99, radius: 0.5, label: 0 }), null);
 * ```
 */
export function certifiedRadius(certificate: JudgedCertificate): number | null {
  return certificate.class === certificate.label ? certificate.radius : null;
}

/** A mean of radii and its 95 % interval, which cannot begin below 0. */
function meanOf(values: readonly number[]): CertifiedAccuracy["averageRadius"] {
  const { length } = values;
  const value = values.reduce((sum, one) => sum + one, 0) / length;
  const squares = values.reduce((sum, one) => sum + (one - value) ** 2, 0);
  const half = normalQuantile(0.975) * Math.sqrt(squares / Math.max(1, length - 1) / length);
  return { value, interval: [Math.max(0, value - half), value + half] };
}
