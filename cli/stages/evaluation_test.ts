import type { Preset } from "@realign/core";
import { defenses } from "@realign/core/defenses";
import { useTestBackend } from "@realign/core/testing";
import classification from "@realign/classification";
import assert from "node:assert/strict";
import { parseEvaluation } from "../runs/evaluation_file.ts";
import { Output } from "../terminal/output.ts";
import { samplePreset, withStore } from "../testing.ts";
import { evaluate } from "./evaluation.ts";
import { openKit, openSystems } from "./systems.ts";
import { Workbench } from "./workbench.ts";

/** A bench of the sample, evaluated in another way. */
async function openBench(
  evaluation: Partial<Preset["evaluation"]>,
  output: Output,
): Promise<Workbench> {
  await useTestBackend();
  const preset = { ...samplePreset, evaluation: { ...samplePreset.evaluation, ...evaluation } };
  const loaded = { plugin: classification, specifier: "", digest: "1" };
  return await Workbench.open(preset, loaded, { data: undefined, training: false }, output);
}

Deno.test("evaluate probes what whitebox attacks go through, and tells of parts without a gradient", async () => {
  const { jpeg } = samplePreset.evaluation.systems;
  const attacks = { pgd: { name: "pgd", epsilon: 0.03, steps: 2 } };
  const output = new Output(false);
  const measure = async (threatModels: Preset["evaluation"]["threatModels"]) => {
    using bench = await openBench({ examples: 8, systems: { jpeg }, threatModels }, output);
    using kit = openKit(bench);
    using systems = await openSystems(bench, kit);
    const evaluated = { systems, substitutes: { list: [] } };
    const done = await evaluate(bench, evaluated, { threads: 0, cache: "off" }, output);
    assert.deepEqual(parseEvaluation(JSON.parse(JSON.stringify(done)), "it"), done);
    assert.deepEqual(done.systems.map(({ gradient }) => gradient), [undefined, "approximate"]);
    const names = done.alarms!.map(({ name, system }) => `${system} ${name}`);
    return [names.includes("jpeg gradient-free-part"), done.probes!.map(({ system }) => system)];
  };
  assert.deepEqual(await measure({ oblivious: { attacks } }), [true, []]);
  assert.deepEqual(await measure({ whitebox: { attacks, systems: ["jpeg"] } }), [false, ["jpeg"]]);
  assert.deepEqual(await measure({}), [false, []]);
});

Deno.test("measured columns are taken up again by the versions of defenses that measured them", () =>
  withStore(async (store) => {
    const { jpeg } = samplePreset.evaluation.systems;
    const output = new Output(false);
    using bench = await openBench({ systems: { jpeg }, threatModels: {} }, output);
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
