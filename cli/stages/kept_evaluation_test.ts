import { type AnyAttack, type AnyColumn, createSystems, noStorage } from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import { presets } from "@realign/classification";
import assert from "node:assert/strict";
import { type KeptFacts, sharedStorage } from "./kept_evaluation.ts";
import type { Workbench } from "./workbench.ts";

await useTestBackend();

Deno.test("images made through a defense are kept apart from those through the same one frozen", async () => {
  const shaken = { defenses: [{ name: "random-resize-pad" }] };
  const named = { shaken, again: shaken, still: { ...shaken, frozen: true } };
  const preset = {
    ...presets["cls-shapes"],
    evaluation: { ...presets["cls-shapes"].evaluation, systems: named },
  };
  // Only its name is asked for.
  const target = { name: "O" } as AnyColumn["systems"][number]["target"];
  using systems = await createSystems(named, { target });
  const found: object[] = [];
  const facts = {
    digests: new Map([[target, "weights"]]),
    generator: undefined,
    results: { images: (_: string, of: object) => (found.push(of), noStorage) },
  } as unknown as KeptFacts;
  const bench = {
    preset,
    test: { digest: "data", size: [8, 8], length: 1 },
    modelFacts: () => ({}),
  } as unknown as Workbench;
  for (const system of systems.list.slice(1)) {
    const column = {
      threatModel: "whitebox",
      attack: "pgd",
      attacked: { target, defense: system.defense },
      systems: [system],
    } as unknown as AnyColumn;
    sharedStorage(bench, facts, column, { settings: {}, version: "pgd 1" } as AnyAttack);
  }
  const [first, second, frozen] = found.map((key) => JSON.stringify(key));
  assert.equal(first, second);
  assert.notEqual(first, frozen);
});
