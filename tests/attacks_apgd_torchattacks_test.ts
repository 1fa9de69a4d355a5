/**
 * APGD and AutoAttack against torchattacks on the same weights and images; APGD from the same starts.
 */
import { createRandom } from "@realign/core";
import { type AttackSettings, createAttack, crossEntropy } from "@realign/core/attacks";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import assert from "node:assert/strict";
import { images8, network, predict } from "../core/testing/victims.ts";
import { needing } from "./peer.ts";
import { attackedByPeer } from "./small_network_peer.ts";

/** An attack as both sides name it. Their starts are drawn from one stream. */
interface Comparison {
  readonly ours: AttackSettings;
  readonly theirs: Record<string, unknown>;
}

const COUNT = 24;
const steps = 100;
const comparisons: readonly Comparison[] = [
  {
    ours: { name: "apgd-ce", epsilon: 0.015, steps },
    theirs: { norm: "Linf", eps: 0.015, steps, loss: "ce" },
  },
  {
    ours: { name: "apgd-dlr", epsilon: 0.015, steps },
    theirs: { norm: "Linf", eps: 0.015, steps, loss: "dlr" },
  },
  {
    ours: { name: "apgd-ce", epsilon: 0.12, steps, norm: "l2" },
    theirs: { norm: "L2", eps: 0.12, steps, loss: "ce" },
  },
];

await useTestBackend();
const SEED = 3;
const victim = network(SEED);

/** The peer's adversarial images, attack by attack. */
const byPeer = async (
  clean: tf.Tensor4D,
  labels: tf.Tensor1D,
  attacks: readonly Record<string, unknown>[],
) => (await attackedByPeer("torchattacks_apgd.py", SEED, clean, labels, attacks)).adversarial;

/** Which examples are misclassified. */
const fooledBy = (images: tf.Tensor4D, labels: tf.Tensor1D) =>
  [...tf.notEqual(predict(victim, images), labels).dataSync()].map((is) => is !== 0);

Deno.test({
  ...await needing(["torchattacks", "torch"], "apgd agrees with torchattacks from the same starts"),
  async fn(t) {
    const clean = images8(COUNT, 4);
    const labels = predict(victim, clean);
    const noise = (norm: unknown) => {
      const random = createRandom(1, "start", 0);
      return norm === "L2" ? random.normals(clean.size, 1) : random.uniforms(clean.size, -1, 1);
    };
    const answers = await byPeer(
      clean,
      labels,
      comparisons.map(({ theirs }) => ({
        settings: theirs,
        noise: { shape: clean.shape, values: [...noise(theirs.norm)] },
      })),
    );
    const lossesOf = (
      images: tf.Tensor4D,
    ) => [...crossEntropy(victim.predict(images), labels).dataSync()];
    const fooled = (
      images: tf.Tensor4D,
    ) => [...tf.notEqual(predict(victim, images), labels).dataSync()];

    for (const [index, { ours, theirs }] of comparisons.entries()) {
      await t.step(`${ours.name} (${theirs.norm})`, async () => {
        using attack = createAttack(ours, victim);
        const mine = await attack.perturb(clean, labels, createRandom(1));
        const peer = answers[index];
        const [own, other] = [mine, peer].map(lossesOf);
        const [ownMean, otherMean] = [own, other].map((losses) =>
          losses.reduce((sum, loss) => sum + loss, 0) / COUNT
        );
        const differing = fooled(mine).filter((is, row) => is !== fooled(peer)[row]).length;
        const robust = fooled(mine).filter((is) => !is).length;
        const near = own.filter((loss, row) => Math.abs(loss - other[row]) <= 0.01 * other[row]);
        // Equal images mean equal steps, and so the same halvings.
        const changes = tf.max(tf.abs(tf.sub(mine, peer)), [1, 2, 3]).dataSync();
        const same = changes.filter((change) => change <= 1e-4).length;
        const report = `${robust} of ${COUNT} hold, ${differing} decided otherwise, losses of ` +
          `${near.length} within 1 %, images of ${same} equal, mean ${ownMean} against ${otherMean}`;
        assert.ok(robust > 0 && robust < COUNT, report);
        assert.ok(differing <= 1, report);
        assert.ok(near.length >= 0.9 * COUNT, report);
        assert.ok(same >= 0.75 * COUNT, report);
        assert.ok(Math.abs(ownMean - otherMean) <= 0.01 * otherMean, report);
      });
    }
  },
});

Deno.test({
  ...await needing(
    ["torchattacks", "torch"],
    "autoattack leaves as many examples right as torchattacks' does",
  ),
  async fn() {
    const clean = images8(COUNT, 4);
    const labels = predict(victim, clean);
    const epsilon = 0.03;
    const settings = { norm: "Linf", eps: epsilon, n_classes: 4 };
    const [peer] = await byPeer(clean, labels, [{ settings }]);
    using attack = createAttack({ name: "autoattack", epsilon }, victim);
    const mine = await attack.perturb(clean, labels, createRandom(1));
    const [own, other] = [mine, peer].map((images) => fooledBy(images, labels));
    const differing = own.filter((is, row) => is !== other[row]).length;
    const [held, theirs] = [own, other].map((fooled) => fooled.filter((is) => !is).length);
    const report = `${held} of ${COUNT} hold, torchattacks leaves ${theirs}, ${differing} differ`;
    assert.equal(attack.survivors!(COUNT).at(-1)!.left, held);
    assert.ok(held > 0 && held < COUNT, report);
    assert.ok(differing <= 1, report);
  },
});
