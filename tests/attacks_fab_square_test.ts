/**
 * FAB and Square against torchattacks' on the same weights and images.
 */
import { createRandom } from "@realign/core";
import { type AttackSettings, createAttack } from "@realign/core/attacks";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { distances, images8, network, predict } from "../core/testing/victims.ts";
import { needing } from "./peer.ts";
import { attackedByPeer } from "./small_network_peer.ts";

/** An attack as both sides name it. */
interface Comparison {
  readonly ours: AttackSettings;
  readonly theirs: { readonly name: string; readonly settings: Record<string, unknown> };
}

/** Robust accuracies may differ by so much: random numbers are each side's own. */
const TOLERANCE = 0.015;
const EXAMPLES = 500;
const STEPS = 20;
const QUERIES = 100;

const comparisons: readonly Comparison[] = (["linf", "l2"] as const).flatMap((norm) => {
  // About half of the images hold.
  const epsilon = norm === "linf" ? 0.02 : 0.2;
  const wider = norm === "linf" ? 0.04 : 0.6;
  const theirs = { norm: norm === "linf" ? "Linf" : "L2", n_restarts: 1 };
  return [
    {
      ours: { name: "fab-t", norm, epsilon, steps: STEPS },
      theirs: {
        name: "FAB",
        settings: { ...theirs, eps: epsilon, steps: STEPS, multi_targeted: true, n_classes: 4 },
      },
    },
    {
      ours: { name: "fab", norm, epsilon, steps: STEPS },
      theirs: { name: "FAB", settings: { ...theirs, eps: epsilon, steps: STEPS, n_classes: 4 } },
    },
    {
      ours: { name: "square", norm, epsilon: wider, queries: QUERIES },
      theirs: {
        name: "Square",
        settings: { ...theirs, eps: wider, n_queries: QUERIES, resc_schedule: false },
      },
    },
  ];
});

Deno.test({
  ...await needing(["torchattacks", "torch"], "fab and square agree with torchattacks"),
  async fn(t) {
    await useTestBackend();
    const seed = 3;
    const victim = network(seed);
    const clean = images8(EXAMPLES, 4);
    const labels = predict(victim, clean);
    const peer = await attackedByPeer(
      "torchattacks_attacks.py",
      seed,
      clean,
      labels,
      comparisons.map(({ theirs }) => theirs),
    );
    assertClose(victim.predict(clean), peer.logits, 1e-3);

    /** Which images hold against adversarial ones within epsilon. */
    const held = (images: tf.Tensor4D, { norm, epsilon }: AttackSettings) => {
      const right = tf.equal(predict(victim, images), labels).dataSync();
      const far = norm === "l2"
        ? distances(images, clean)
        : tf.max(tf.abs(tf.sub(images, clean)), [1, 2, 3]).dataSync();
      return [...right].map((value, index) => value !== 0 || far[index] > epsilon + 1e-5);
    };
    const share = (flags: boolean[]) => flags.filter(Boolean).length / EXAMPLES;
    for (const [index, { ours }] of comparisons.entries()) {
      await t.step(`${ours.name} (${ours.norm}), robust accuracy`, async () => {
        using attack = createAttack(ours, victim);
        const own = held(await attack.perturb(clean, labels, createRandom(1)), ours);
        const other = held(peer.adversarial[index], ours);
        const [mine, others] = [share(own), share(other)];
        assert.ok(mine > 0.1 && mine < 0.9, `${mine} tells nothing`);
        assert.ok(Math.abs(mine - others) <= TOLERANCE, `${mine}, torchattacks has ${others}`);
        const differing = share(own.map((holds, example) => holds !== other[example]));
        const allowed = ours.name === "square" ? 0.1 : 0.01;
        assert.ok(differing <= allowed, `${100 * differing} % of the images differ`);
      });
    }
  },
});
