import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import { assertClose, useTestBackend } from "../testing/mod.ts";
import * as tf from "../tf.ts";
import type { AttackSettings } from "./attack.ts";
import { createAttack, crossEntropy } from "./mod.ts";
import { images8, maxDifference, network, predict } from "../testing/victims.ts";

await useTestBackend();

const victim = network(3);
const clean = images8(8, 1);
const labels = predict(victim, clean);
const epsilon = 0.03;
const members = [
  { name: "bim", steps: 3 },
  { name: "bim", steps: 3, objective: "cw-margin" },
];

async function perturb(settings: AttackSettings, seed = 1): Promise<tf.Tensor4D> {
  using attack = createAttack(settings, victim);
  return await attack.perturb(clean, labels, createRandom(seed));
}

Deno.test("mixture gives what one of its members gives, each about as often", async () => {
  const alone = await Promise.all(members.map((member) => perturb({ ...member, epsilon })));
  const drawn = [0, 0];
  for (let seed = 0; seed < 20; seed++) {
    const images = await perturb({ name: "mixture", epsilon, members }, seed);
    const which = alone.findIndex((other) => maxDifference(images, other) === 0);
    drawn[which]++;
  }
  assert.equal(drawn[0] + drawn[1], 20);
  assert.ok(Math.min(...drawn) >= 4, `the members were drawn ${drawn} times`);
});

Deno.test("strongest takes of each example what fools the victim, or else gains the most", async () => {
  const gains = (images: tf.Tensor4D) => {
    const logits = victim.predict(images);
    return {
      fooled: tf.notEqual(predict(victim, images), labels).dataSync(),
      entropy: crossEntropy(logits, labels).dataSync(),
    };
  };
  const alone = await Promise.all(members.map((member) => perturb({ ...member, epsilon })));
  const [first, second] = alone.map(gains);
  const best = gains(await perturb({ name: "strongest", epsilon, members }));
  const expected = Array.from(first.entropy, (entropy, index) => {
    const [mine, other] = [first.fooled[index], second.fooled[index]];
    const takesSecond = other > mine || other === mine && second.entropy[index] > entropy;
    return takesSecond ? second.entropy[index] : entropy;
  });
  assertClose(best.entropy, expected);
  assert.ok(expected.some((value, index) => value !== first.entropy[index]), "never the second");
});

Deno.test("attacks made of others say what their members run with", () => {
  using attack = createAttack({ name: "mixture", epsilon, members }, victim);
  assert.equal(attack.members?.[0].settings.stepSize, epsilon / 5);
  const [first] = attack.settings.members!;
  assert.equal(first.stepSize, epsilon / 5);
  assert.equal("epsilon" in first, false);
  assert.equal(attack.version, "mixture 1 (bim 1, bim 1)");
});

Deno.test("attacks made of others refuse to have no members, and name one that there is not", () => {
  for (const name of ["mixture", "strongest"]) {
    assert.throws(
      () => createAttack({ name, epsilon, members: [] }, victim),
      /members must be a list of at least one attack/,
    );
    assert.throws(
      () => createAttack({ name, epsilon, members: [{ name: "pdg" }] }, victim),
      /set up "(mixture|strongest)" as its member "pdg" is unknown: did you mean "pgd"/,
    );
  }
});

Deno.test("a member with an epsilon of its own is refused, for it would not be heeded", () => {
  for (const name of ["mixture", "strongest"]) {
    assert.throws(
      () => createAttack({ name, epsilon, members: [{ name: "fgsm", epsilon: 0.5 }] }, victim),
      /members must be a list .* no epsilon of its own/,
    );
  }
});

Deno.test("a whole is of the L2 ball where all of its members are", () => {
  const inL2 = { name: "pgd", norm: "l2" };
  for (const name of ["mixture", "strongest"]) {
    using attack = createAttack({ name, epsilon, members: [inL2, inL2] }, victim);
    assert.equal(attack.norm, "l2");
    using mixed = createAttack({ name, epsilon, members: [inL2, { name: "fgsm" }] }, victim);
    assert.equal(mixed.norm, undefined);
  }
});
