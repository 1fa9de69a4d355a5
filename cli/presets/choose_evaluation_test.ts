import type { Preset } from "@realign/core";
import assert from "node:assert/strict";
import { chooseFrom } from "./choose_evaluation.ts";

const pgd = { name: "pgd", epsilon: 0.1 };
const evaluation: Preset["evaluation"] = {
  batchSize: 8,
  examples: 0,
  systems: {
    jpeg: { defenses: [{ name: "jpeg" }] },
    generator: { defenses: [{ name: "generator" }] },
  },
  threatModels: {
    oblivious: { attacks: { pgd, bim: pgd } },
    whitebox: { attacks: { pgd, "pgd-20": pgd }, systems: ["generator"], draws: 4 },
  },
};

function choose(choices: Parameters<typeof chooseFrom>[1]) {
  const { systems, threatModels } = chooseFrom(evaluation, choices, "cls-sample");
  const columns = Object.entries(threatModels).flatMap(([name, { attacks }]) =>
    Object.keys(attacks).map((attack) => `${name} ${attack}`)
  );
  return { systems: Object.keys(systems), columns };
}

Deno.test("chooseFrom leaves the named attacks of every threat model, in the preset's order", () => {
  assert.deepEqual(chooseFrom(evaluation, {}, "cls-sample"), evaluation);
  assert.deepEqual(choose({ attacks: "pgd-20, pgd" }).columns, [
    "oblivious pgd",
    "whitebox pgd",
    "whitebox pgd-20",
  ]);
  assert.deepEqual(choose({ attacks: "none" }), { systems: ["jpeg", "generator"], columns: [] });
});

Deno.test("chooseFrom leaves a threat model's other settings as they are", () => {
  const { threatModels } = chooseFrom(evaluation, { attacks: "pgd" }, "cls-sample");
  assert.equal(threatModels.whitebox.draws, 4);
});

Deno.test("chooseFrom leaves the named systems, and no threat model for systems that are gone", () => {
  assert.deepEqual(choose({ systems: "none" }), {
    systems: [],
    columns: ["oblivious pgd", "oblivious bim"],
  });
  assert.deepEqual(choose({ systems: "generator", attacks: "pgd-20" }), {
    systems: ["generator"],
    columns: ["whitebox pgd-20"],
  });
});

Deno.test("chooseFrom refuses unknown names, and attacks on what is not measured", () => {
  const fails = (choices: Parameters<typeof chooseFrom>[1], message: RegExp) =>
    assert.throws(() => choose(choices), message);
  fails({ attacks: "pdg" }, /the attack "pdg" in cls-sample: did you mean "pgd"/);
  fails({ attacks: "pgd,none" }, /Cannot use the attacks "pgd,none" as none .*: leave out none/);
  fails({ systems: "jpg" }, /the system "jpg" in cls-sample: did you mean "jpeg"/);
  fails(
    { systems: "jpeg", attacks: "pgd-20" },
    /Cannot use the attack "pgd-20" as it only targets generator, which is not evaluated/,
  );
});

Deno.test("chooseFrom leaves out no system that a preset misspells: it names it", () => {
  const misspelt = (systems: string[], name = "oblivious") => ({
    ...evaluation,
    threatModels: { [name]: { attacks: { pgd }, systems } },
  });
  assert.throws(() => chooseFrom(misspelt(["jpeg", "generatr"]), {}, "cls"), /"generator"\?/);
  assert.throws(() => chooseFrom(misspelt(["jpeg"], "whitebx"), {}, "cls"), /"whitebox"\?/);
});
