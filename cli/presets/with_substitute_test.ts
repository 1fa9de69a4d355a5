import assert from "node:assert/strict";
import { samplePreset } from "../testing.ts";
import { substituteName, withSubstitutes } from "./with_substitute.ts";

const { evaluation } = samplePreset;
const { oblivious, whitebox } = evaluation.threatModels;
const other = { architecture: "resnet32", weights: "" };

Deno.test("withSubstitutes() attacks a substitute as the oblivious attacker attacks O, unless a preset says how", () => {
  const added = withSubstitutes(evaluation, { other });
  assert.deepEqual(added.substitutes, { other });
  assert.deepEqual(added.threatModels, {
    oblivious,
    whitebox,
    transfer: { attacks: oblivious.attacks },
  });
  const own = { attacks: { mine: samplePreset.attack }, systems: ["jpeg"] };
  const threatModels = { ...evaluation.threatModels, transfer: own };
  const replaced = withSubstitutes(
    { ...evaluation, threatModels, substitutes: { first: other } },
    { second: other },
  );
  assert.deepEqual(replaced.substitutes, { second: other });
  assert.deepEqual(replaced.threatModels.transfer, own);
});

Deno.test("withSubstitutes() without any drops the attacks on them", () => {
  const { attacks } = oblivious;
  const threatModels = { ...evaluation.threatModels, transfer: { attacks } };
  const full = { ...evaluation, threatModels, substitutes: { other } };
  assert.deepEqual(withSubstitutes(full, {}), evaluation);
});

Deno.test("substituteName() has no dot, which would take a setting apart", () => {
  assert.equal(substituteName("rfb300-vgg16-bn-w0.125"), "rfb300-vgg16-bn-w0-125");
  assert.equal(substituteName("resnet20"), "resnet20");
  assert.equal(substituteName("@mine/net"), "mine-net");
});
