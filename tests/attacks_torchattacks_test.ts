/**
 * Attacks made for transfer against torchattacks on the same weights and images.
 */
import { createRandom } from "@realign/core";
import { type AttackSettings, createAttack, crossEntropy } from "@realign/core/attacks";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { images8, network, predict } from "../core/testing/victims.ts";
import { needing } from "./peer.ts";
import { attackedByPeer } from "./small_network_peer.ts";

/** An attack as both sides name it. */
interface Comparison {
  readonly ours: AttackSettings;
  readonly theirs: { readonly name: string; readonly settings: Record<string, unknown> };
  /** "pixels": nearly all equal. "losses": the mean cross-entropy, where each side draws its own numbers. */
  readonly agreement: "pixels" | "losses";
}

const shared = { epsilon: 0.05, stepSize: 0.01, steps: 8 };
const theirs = { eps: 0.05, alpha: 0.01, steps: 8 };
const comparisons: readonly Comparison[] = [
  {
    ours: { name: "mi-fgsm", ...shared },
    theirs: { name: "MIFGSM", settings: { ...theirs, decay: 1 } },
    agreement: "pixels",
  },
  {
    ours: { name: "mi-fgsm", ...shared, decay: 0.4 },
    theirs: { name: "MIFGSM", settings: { ...theirs, decay: 0.4 } },
    agreement: "pixels",
  },
  {
    ours: { name: "di-fgsm", ...shared, probability: 0 },
    theirs: { name: "DIFGSM", settings: { ...theirs, decay: 1, diversity_prob: 0 } },
    agreement: "pixels",
  },
  {
    ours: { name: "di-fgsm", ...shared, smallest: 0.75 },
    theirs: { name: "DIFGSM", settings: { ...theirs, decay: 1, resize_rate: 0.75 } },
    agreement: "losses",
  },
];

Deno.test({
  ...await needing(
    ["torchattacks", "torch"],
    "attacks agree with torchattacks on the same network",
  ),
  async fn(t) {
    await useTestBackend();
    const seed = 3;
    const victim = network(seed);
    const clean = images8(40, 4);
    const labels = predict(victim, clean);
    const peers = await attackedByPeer(
      "torchattacks_attacks.py",
      seed,
      clean,
      labels,
      comparisons.map(({ theirs }) => theirs),
    );
    assertClose(victim.predict(clean), peers.logits, 1e-4);
    for (const [index, { ours, theirs, agreement }] of comparisons.entries()) {
      await t.step(`${ours.name} against ${theirs.name}, by ${agreement}`, async () => {
        using attack = createAttack(ours, victim);
        const mine = await attack.perturb(clean, labels, createRandom(1));
        const peer = peers.adversarial[index];
        if (agreement === "pixels") {
          const differing =
            tf.mean(tf.cast(tf.greater(tf.abs(tf.sub(mine, peer)), 1e-5), "float32")).dataSync()[0];
          assert.ok(differing <= 0.002, `${100 * differing} % of the pixels differ`);
        } else {
          const loss = (images: tf.Tensor4D) =>
            tf.mean(crossEntropy(victim.predict(images), labels)).dataSync()[0];
          const [own, other] = [loss(mine), loss(peer)];
          assert.ok(
            Math.abs(own - other) <= 0.1 * other,
            `the mean loss is ${own}, torchattacks' ${other}`,
          );
        }
      });
    }
  },
});
