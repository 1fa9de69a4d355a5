/**
 * The table of defenses, and chains of its entries.
 *
 * @module
 */
import { lookUp } from "../names.ts";
import { resolveOptions } from "../options.ts";
import { bicubic } from "./bicubic.ts";
import { boundedNoise } from "./bounded_noise.ts";
import { composeDefenses } from "./compose.ts";
import type { Defense } from "./defense.ts";
import type { DefenseDefinition, DefenseKit } from "./definition.ts";
import { featureDistillation } from "./feature_distillation.ts";
import { generator } from "./generator.ts";
import { identity } from "./identity.ts";
import { jpeg } from "./jpeg.ts";
import { quantization } from "./quantization.ts";
import { quilting } from "./quilting.ts";
import { randomResizePad } from "./random_resize_pad.ts";
import { tvm } from "./tvm.ts";
import type { DefenseSettings } from "../preset.ts";

/** All defenses by name. */
export const defenses: Readonly<Record<string, DefenseDefinition>> = {
  identity,
  generator,
  jpeg,
  quantization,
  "random-resize-pad": randomResizePad,
  quilting,
  tvm,
  "feature-distillation": featureDistillation,
  bicubic,
  "bounded-noise": boundedNoise,
};

/**
 * Fills in the defaults of a defense's options.
 *
 * @param settings Its name in the table, and options
 * @returns The settings with a value for every option
 * @throws {RangeError} If the defense or an option is unknown, or a value out of range
 *
 * @example Usage
 * ```ts
 * import { resolveDefense } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(resolveDefense({ name: "quantization" }), { name: "quantization", bits: 4 });
 * assert.throws(() => resolveDefense({ name: "jpg" }), /did you mean "jpeg"/);
 * ```
 */
export function resolveDefense({ name, ...given }: DefenseSettings): DefenseSettings {
  return { name, ...resolveOptions(definitionOf(name).options, given, `"${name}"`) };
}

/**
 * Finds a defense in the table.
 *
 * @param name Its name
 * @returns Title, role and options
 * @throws {RangeError} If there is none, with a suggestion
 *
 * @example Usage
 * ```ts
 * import { definitionOf } from "@realign/core/defenses";
 * import assert from "node:assert/strict";
 *
 * assert.equal(definitionOf("jpeg").title, "JPEG");
 * ```
 */
export function definitionOf(name: string): DefenseDefinition {
  return lookUp(defenses, name, "defend", "the defense");
}

/**
 * Creates a defense, or a chain of several, applied in order.
 *
 * @param chain Settings of at least one defense
 * @param kit What defenses need from outside core; borrowed
 * @returns The defense; dispose it
 * @throws {RangeError} If a name, option or value is invalid, or the kit lacks something
 *
 * @example Usage
 * ```ts
 * import { createDefense, type JpegRoundTrip } from "@realign/core/defenses";
 * import * as tf from "@realign/core/tf";
 * import assert from "node:assert/strict";
 *
 * await tf.setBackend("cpu");
 * const jpegRoundTrip: JpegRoundTrip = (picture) => Promise.resolve(picture); // no codec at hand
 * using defense = await createDefense([{ name: "random-resize-pad" }, { name: "jpeg" }], {
 *   jpegRoundTrip,
 * });
 * assert.equal(defense.name, "random-resize-pad+jpeg");
 * assert.equal(defense.gradient?.exact, false);
 * assert.equal(defense.version, "random-resize-pad 1, jpeg 2");
 * ```
 */
export async function createDefense(
  chain: readonly DefenseSettings[],
  kit: DefenseKit = {},
): Promise<Defense & Disposable> {
  const resolved = chain.map(resolveDefense);
  using stack = new DisposableStack();
  const parts: Defense[] = [];
  for (const { name, ...values } of resolved) {
    parts.push(stack.use(await definitionOf(name).create(values, kit)));
  }
  const whole = parts.length === 1 ? parts[0] : composeDefenses(parts);
  const version = resolved.map(({ name }, index) => {
    const { version: made } = parts[index];
    return `${name} ${definitionOf(name).version}${made === undefined ? "" : ` (${made})`}`;
  }).join(", ");
  const owned = stack.move();
  return { ...whole, version, [Symbol.dispose]: () => owned.dispose() };
}
