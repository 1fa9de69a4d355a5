import { defenses } from "@realign/core/defenses";
import { useTestBackend } from "@realign/core/testing";
import classification from "@realign/classification";
import assert from "node:assert/strict";
import { Output } from "../terminal/output.ts";
import { samplePreset, withStore } from "../testing.ts";
import { evaluate } from "./evaluation.ts";
import { openKit, openSystems } from "./systems.ts";
import { Workbench } from "./workbench.ts";

Deno.test("measured columns are taken up again by the versions of defenses that measured them", () =>
  withStore(async (store) => {
    await useTestBackend();
    const { jpeg } = samplePreset.evaluation.systems;
    const preset = {
      ...samplePreset,
      evaluation: { ...samplePreset.evaluation, systems: { jpeg }, threatModels: {} },
    };
    const output = new Output(false);
    const loaded = { plugin: classification, specifier: "", digest: "1" };
    const bare = { data: undefined, training: false };
    using bench = await Workbench.open(preset, loaded, bare, output);
    const keyOf = async () => {
      using kit = openKit(bench);
      using systems = await openSystems(bench, kit);
      const evaluated = { systems, substitutes: { list: [] } };
      await evaluate(bench, evaluated, { threads: 0, cache: store.folder }, output, store);
      return (await store.readJson("evaluation-columns.json") as { key: string }).key;
    };
    const key = await keyOf();
    assert.equal(await keyOf(), key);
    const { version } = defenses.jpeg;
    Object.assign(defenses.jpeg, { version: version + 1 });
    try {
      assert.notEqual(await keyOf(), key);
    } finally {
      Object.assign(defenses.jpeg, { version });
    }
  }));
