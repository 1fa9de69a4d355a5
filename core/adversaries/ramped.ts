/**
 * Adversarial images whose radius grows: a G that is to withstand them learns from weak ones first.
 *
 * @module
 */
import type { Attack } from "../attacks/attack.ts";
import type { AttackSettings, MemberSettings } from "../preset.ts";
import { type AdversarialSource, freshSource } from "./source.ts";

/** Radii on the way to the full one, which is the last of them. Each records an attack anew, so there are few. */
const RADII = 10;

/**
 * An attack's settings at a share of its radius: epsilon, and the step sizes that are set, are multiplied by it.
 *
 * @param settings At the full radius
 * @param share In (0, 1]; at 1 the settings stay as they are
 *
 * @example Usage
 * ```ts
 * import { atShare } from "./ramped.ts";
 * import assert from "node:assert/strict";
 *
 * const settings = { name: "pgd", epsilon: 0.5, stepSize: 0.25, steps: 2 };
 * assert.deepEqual(atShare(settings, 0.5), { name: "pgd", epsilon: 0.25, stepSize: 0.125, steps: 2 });
 * assert.equal(atShare(settings, 1), settings);
 * ```
 */
export function atShare(settings: AttackSettings, share: number): AttackSettings {
  if (share === 1) return settings;
  const { members } = settings;
  return {
    ...withStep(settings, share),
    epsilon: settings.epsilon * share,
    ...(members && { members: members.map((member) => withStep(member, share)) }),
  };
}

function withStep<T extends MemberSettings>(settings: T, share: number): T {
  const { stepSize } = settings;
  return typeof stepSize === "number" ? { ...settings, stepSize: stepSize * share } : settings;
}

/**
 * The share of the full radius at a step: in tenths, from one tenth to all of it.
 *
 * @param step From 0
 * @param steps In which the radius grows; 0 for the full one from the start
 *
 * @example Usage
 * ```ts
 * import { shareAt } from "./ramped.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([0, 9, 10, 90, 100, 500].map((step) => shareAt(step, 100)), [0.1, 0.1, 0.2, 1, 1, 1]);
 * assert.equal(shareAt(0, 0), 1);
 * ```
 */
export function shareAt(step: number, steps: number): number {
  return step >= steps ? 1 : (Math.floor(RADII * step / steps) + 1) / RADII;
}

/**
 * Images generated for every batch, by an attack whose radius grows in the first steps.
 *
 * @param create Makes the attack at a share of its radius; the source owns it
 * @param seed Of the run
 * @param steps In which the radius grows
 * @param stream Names the stream of random starts
 * @returns The source
 *
 * @example Usage
 * ```ts
 * import { createRandom } from "@realign/core";
 * import { createAttack, exactVictim } from "@realign/core/attacks";
 * import { useTestBackend } from "@realign/core/testing";
 * import { createToyTask, firstToyBatch } from "../testing/toy_task.ts";
 * import * as tf from "@realign/core/tf";
 * import { atShare, rampedSource } from "./ramped.ts";
 * import assert from "node:assert/strict";
 *
 * await useTestBackend();
 * const task = createToyTask();
 * using target = task.createTarget("toy-net", createRandom(1));
 * const victim = exactVictim({ task, target });
 * const fgsm = { name: "fgsm", epsilon: 0.1 };
 * using source = rampedSource((share) => createAttack(atShare(fgsm, share), victim), 7, 10);
 * const batch = await firstToyBatch();
 * const { adversarial } = await source.next(batch, 4);
 * const change = tf.max(tf.abs(tf.sub(adversarial, batch.images))).dataSync()[0];
 * assert.ok(Math.abs(change - 0.05) < 1e-6);
 * ```
 */
export function rampedSource<L>(
  create: (share: number) => Attack<L>,
  seed: number,
  steps: number,
  stream?: string,
): AdversarialSource<L> {
  let current: { readonly share: number; readonly source: AdversarialSource<L> } | undefined;
  return {
    async next(batch, step) {
      const share = shareAt(step, steps);
      if (current?.share !== share) {
        current?.source[Symbol.dispose]();
        current = { share, source: freshSource(create(share), seed, stream) };
      }
      return await current.source.next(batch, step);
    },
    [Symbol.dispose]: () => current?.source[Symbol.dispose](),
  };
}
