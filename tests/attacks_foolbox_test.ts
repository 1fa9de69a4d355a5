/**
 * The attacks against foolbox on the same weights and images.
 */
import { createRandom } from "@realign/core";
import { type AttackSettings, createAttack, crossEntropy } from "@realign/core/attacks";
import { assertClose, useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { distances, images8, network, predict } from "../core/testing/victims.ts";
import { needing } from "./peer.ts";
import { attackedByPeer } from "./small_network_peer.ts";

/** An attack as both sides name it, and how closely they must agree. */
interface Comparison {
  readonly ours: AttackSettings;
  readonly theirs: { readonly name: string; readonly settings: Record<string, unknown> };
  readonly targeted?: boolean;
  /** "pixels": nearly all equal. "norms": each example's distance. "losses": the mean cross-entropy. "lengths": the median distance, at most a little longer. */
  readonly agreement: "pixels" | "norms" | "losses" | "lengths";
}

const epsilon = 0.031;
const comparisons: readonly Comparison[] = [
  {
    ours: { name: "fgsm", epsilon },
    theirs: { name: "fgsm", settings: { epsilon } },
    agreement: "pixels",
  },
  {
    ours: { name: "bim", epsilon, stepSize: 0.0075, steps: 8 },
    theirs: {
      name: "bim",
      settings: { epsilon, abs_stepsize: 0.0075, steps: 8, random_start: false },
    },
    agreement: "pixels",
  },
  {
    ours: {
      name: "pgd",
      epsilon: 0.1,
      stepSize: 0.025,
      steps: 10,
      randomStart: "none",
      targeted: true,
    },
    theirs: {
      name: "pgd",
      settings: { epsilon: 0.1, abs_stepsize: 0.025, steps: 10, random_start: false },
    },
    targeted: true,
    agreement: "pixels",
  },
  {
    ours: { name: "pgd", epsilon, stepSize: 0.0075, steps: 20 },
    theirs: {
      name: "pgd",
      settings: { epsilon, abs_stepsize: 0.0075, steps: 20, random_start: true },
    },
    agreement: "losses",
  },
  {
    ours: { name: "pgd", epsilon: 0.5, norm: "l2", stepSize: 0.1, steps: 8, randomStart: "none" },
    theirs: {
      name: "pgd-l2",
      settings: { epsilon: 0.5, abs_stepsize: 0.1, steps: 8, random_start: false },
    },
    agreement: "pixels",
  },
  {
    ours: { name: "deepfool", epsilon: Infinity },
    theirs: { name: "deepfool-linf", settings: {} },
    agreement: "norms",
  },
  {
    ours: { name: "deepfool", norm: "l2", epsilon: Infinity },
    theirs: { name: "deepfool-l2", settings: {} },
    agreement: "norms",
  },
  {
    ours: {
      name: "carlini-wagner",
      epsilon: Infinity,
      steps: 60,
      binarySearchSteps: 5,
      initialConstant: 0.1,
    },
    theirs: {
      name: "carlini-wagner-l2",
      settings: { steps: 60, binary_search_steps: 5, initial_const: 0.1 },
    },
    agreement: "norms",
  },
  ...(["linf", "l2"] as const).map((norm): Comparison => ({
    ours: { name: "hop-skip-jump", epsilon: Infinity, norm, steps: 12, probes: 40 },
    theirs: {
      name: "hop-skip-jump",
      settings: { steps: 12, initial_gradient_eval_steps: 40, constraint: norm },
    },
    agreement: "lengths",
  })),
];

Deno.test({
  ...await needing(["foolbox", "torch"], "attacks agree with foolbox on the same network"),
  async fn(t) {
    await useTestBackend();
    const seed = 3;
    const victim = network(seed);
    const clean = images8(12, 4);
    const labels = predict(victim, clean);
    const targets = tf.cast(tf.mod(tf.add(labels, 1), 4), "int32") as tf.Tensor1D;
    const foolbox = await attackedByPeer(
      "foolbox_attacks.py",
      seed,
      clean,
      labels,
      comparisons.map(({ theirs, targeted }) => ({
        ...theirs,
        targets: targeted ? [...targets.dataSync()] : undefined,
      })),
    );
    assertClose(victim.predict(clean), foolbox.logits, 1e-4);

    for (const [index, { ours, theirs, targeted, agreement }] of comparisons.entries()) {
      await t.step(`${ours.name} against ${theirs.name}, by ${agreement}`, async () => {
        using attack = createAttack(ours, victim);
        const mine = await attack.perturb(clean, targeted ? targets : labels, createRandom(1));
        const peer = foolbox.adversarial[index];
        if (agreement === "pixels") {
          const differing =
            tf.mean(tf.cast(tf.greater(tf.abs(tf.sub(mine, peer)), 1e-5), "float32")).dataSync()[0];
          assert.ok(differing <= 0.002, `${100 * differing} % of the pixels differ`);
        } else if (agreement === "norms") {
          assert.deepEqual([...predict(victim, mine).dataSync()], [
            ...predict(victim, peer).dataSync(),
          ]);
          const [own, other] = [distances(mine, clean), distances(peer, clean)];
          const ratios = own.map((distance, example) => distance / other[example]);
          assertClose(ratios, ratios.map(() => 1), 2e-3);
        } else if (agreement === "lengths") {
          const medianOf = (images: tf.Tensor4D) => {
            const lengths = ours.norm === "l2"
              ? distances(images, clean)
              : tf.max(tf.abs(tf.sub(images, clean)), [1, 2, 3]).dataSync();
            return lengths.toSorted()[6];
          };
          const [own, other] = [medianOf(mine), medianOf(peer)];
          const words = `the median distance is ${own}, foolbox's ${other}`;
          assert.ok(own <= 1.1 * other && own >= 0.6 * other, words);
        } else {
          const loss = (images: tf.Tensor4D) =>
            tf.mean(crossEntropy(victim.predict(images), labels)).dataSync()[0];
          const [a, b] = [loss(mine), loss(peer)];
          assert.ok(Math.abs(a - b) <= 0.05 * b, `the mean loss is ${a}, foolbox's ${b}`);
        }
      });
    }
  },
});
