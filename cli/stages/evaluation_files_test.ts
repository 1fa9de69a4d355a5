import {
  columnsOf,
  type Evaluation,
  formatSafetensors,
  parseSafetensors,
  type Preset,
} from "@realign/core";
import { useTestBackend } from "@realign/core/testing";
import * as tf from "@realign/core/tf";
import classification from "@realign/classification";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunStore } from "../runs/run_store.ts";
import { Output } from "../terminal/output.ts";
import { samplePreset, withStore } from "../testing.ts";
import { evaluate, type EvaluationOptions } from "./evaluation.ts";
import { foresee } from "./foresee.ts";
import { openKit, openSystems } from "./systems.ts";
import { Workbench } from "./workbench.ts";

await useTestBackend();

const pgd = { name: "pgd", epsilon: 0.031, steps: 1 };
const { jpeg } = samplePreset.evaluation.systems;
const preset: Preset = {
  ...samplePreset,
  evaluation: {
    ...samplePreset.evaluation,
    batchSize: 4,
    examples: 12,
    systems: { jpeg },
    threatModels: {
      oblivious: { attacks: { one: pgd } },
      whitebox: { attacks: { two: { ...pgd, steps: 2 } }, systems: ["jpeg"] },
    },
  },
};

/** Evaluates as the command does; `onProgress` hears what is measured. */
async function measure(
  store: RunStore,
  options: Partial<EvaluationOptions> = {},
  onProgress: (label: string, done: number) => void = () => {},
): Promise<Evaluation> {
  const output = new Output(false);
  const start = (label: string) => ({
    update: (done: number) => onProgress(label, done),
    [Symbol.dispose]: () => {},
  });
  Object.assign(output, { progress: { start }, warn: () => {} });
  const loaded = { plugin: classification, specifier: "", digest: "1" };
  const bare = { data: undefined, training: false };
  using bench = await Workbench.open(preset, loaded, bare, output);
  using kit = openKit(bench);
  using systems = await openSystems(bench, kit);
  const evaluated = { systems, substitutes: { list: [] } };
  const all = { threads: 0, cache: join(store.folder, "cache"), ...options };
  return await evaluate(bench, evaluated, all, output, store);
}

/** Rows without their times. */
const figures = ({ rows }: Evaluation) =>
  rows.map(({ seconds: _, millisecondsPerImage: _time, ...row }) => row);

const unfinishedIn = (store: RunStore) => {
  try {
    return [...Deno.readDirSync(join(store.folder, "cache", "unfinished"))]
      .flatMap(({ name }) => [
        ...Deno.readDirSync(join(store.folder, "cache", "unfinished", name)),
      ]).length;
  } catch {
    return 0;
  }
};

Deno.test("an evaluation out of time has what was measured, and goes on to the same figures", () =>
  withStore(async (store) => {
    const whole = await measure(store, { cache: "off" });
    assert.equal(whole.suite, "paper");
    const time = new AbortController();
    const begun: string[] = [];
    const part = await measure(store, { budget: time.signal }, (label, done) => {
      if (begun.at(-1) !== label) begun.push(label);
      if (label.includes("two") && done === 4) time.abort(new Error("over"));
    });
    assert.deepEqual(
      begun.flatMap((label) => /clean|one|two/.exec(label)?.[0] ?? []),
      ["clean", "two"],
      "the strongest attacker is measured first",
    );
    const [column] = part.unfinished!;
    assert.deepEqual(
      part.unfinished!.map(({ attack, measured }) => [attack, measured]),
      [["two", 4], ["one", 0]],
    );
    assert.deepEqual(column.systems, ["jpeg"]);
    const row = part.rows.find(({ attack }) => attack === "two")!;
    assert.deepEqual([row.metric.count, row.measured], [4, 4]);
    assert.deepEqual(part.worst!.map(({ metric, without }) => [metric.count, without]), [
      [4, ["one (oblivious)"]],
    ]);
    assert.equal(unfinishedIn(store), 1, "images of the finished batch are kept");
    const again: string[] = [];
    const rest = await measure(store, {}, (label, done) => again.push(`${label} ${done}`));
    assert.ok(!again.some((label) => label.includes("clean")), "finished columns are kept");
    assert.deepEqual(figures(rest), figures(whole));
    assert.equal(rest.unfinished, undefined);
    assert.equal(unfinishedIn(store), 0);
  }));

Deno.test("saved adversarial images are floats within the ball, measured in 8 bit, and can be handed in", () =>
  withStore(async (store) => {
    const saved = join(store.folder, "saved");
    const first = await measure(store, { saveAdversarial: saved });
    const attacked = first.rows.filter(({ attack }) => attack === "one" || attack === "two");
    assert.ok(attacked.every(({ rounded }) => rounded?.count === 12));
    const names = [...Deno.readDirSync(saved)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["oblivious-one.safetensors", "whitebox-two-jpeg.safetensors"]);
    const path = join(saved, names[1]);
    const { tensors, metadata } = parseSafetensors(Deno.readFileSync(path), path);
    assert.deepEqual(tensors.get("x_adv")!.shape, [12, 16, 16, 3]);
    assert.deepEqual([...tensors.get("indices")!.data], Array.from({ length: 12 }, (_, i) => i));
    assert.equal(tensors.get("labels")!.data.length, 12);

    const measured = new Set<string>();
    await measure(
      store,
      { saveAdversarial: saved },
      (label) => label.startsWith("probe") || measured.add(label),
    );
    assert.equal(measured.size, 0, "what is saved is not made again");
    await Deno.remove(path);
    await measure(
      store,
      { saveAdversarial: saved },
      (label) => label.startsWith("probe") || measured.add(label),
    );
    assert.equal(measured.size, 1, "what is lost is made again");

    const submitted = await measure(store, { submit: path });
    const outcomesOf = (attack: string) =>
      submitted.rows.find((row) => row.attack === attack && row.system === "jpeg")!.outcomes;
    assert.equal(outcomesOf("submitted"), outcomesOf("two"));
    const worst = (evaluation: Evaluation) =>
      evaluation.worst!.find(({ system }) => system === "jpeg")!.metric.value;
    assert.ok(worst(submitted) <= worst(first));

    const other = join(store.folder, "other.safetensors");
    const submit = async (
      change: (data: Float32Array) => void,
      indices = tensors.get("indices")!,
    ) => {
      const images = tensors.get("x_adv")!;
      const data = images.data.slice();
      change(data);
      const all = new Map([["images", { ...images, data }], ["indices", indices]]);
      await Deno.writeFile(other, formatSafetensors(all, metadata));
      return await measure(store, { submit: other });
    };
    const area = 16 * 16 * 3;
    await assert.rejects(
      submit((data) => data[3 * area] = data[3 * area] > 0.5 ? 0 : 1),
      /Cannot take the images of .*other.* as example 3 is further than epsilon .* 0\.031, the/,
    );
    await assert.rejects(submit((data) => data[area] = NaN), /as example 1 leaves \[0, 1\]/);
    const twice = { shape: [12], data: new Float32Array(12) };
    await assert.rejects(submit(() => {}, twice), /example 0 is there twice/);
  }));

Deno.test("foresee counts the passes of all attacks over all batches, and leaves nothing behind", async () => {
  const output = new Output(false);
  const loaded = { plugin: classification, specifier: "", digest: "1" };
  using bench = await Workbench.open(
    preset,
    loaded,
    { data: undefined, training: false },
    output,
  );
  using kit = openKit(bench);
  using systems = await openSystems(bench, kit);
  const { signal } = new AbortController();
  const columnsWith = (steps: number) =>
    columnsOf({
      threatModels: { whitebox: { attacks: { a: { ...pgd, steps } }, systems: ["jpeg"] } },
    }, systems.list);
  const before = tf.memory().numTensors;
  const [few, many] = [
    await foresee(bench, columnsWith(1), signal),
    await foresee(bench, columnsWith(10_000), signal),
  ];
  assert.equal(tf.memory().numTensors, before);
  assert.ok(many! > 100 * few!, `${few} and ${many} seconds`);
  const one = {
    ...bench,
    preset: { ...preset, evaluation: { ...preset.evaluation, batchSize: 12 } },
  };
  const { task, test } = bench;
  assert.equal(await foresee({ ...one, task, test }, columnsWith(1), signal), undefined);
});

Deno.test("an example without a submitted image keeps its clean one", () =>
  withStore(async (store) => {
    const clean = await measure(store, { cache: "off" });
    const path = join(store.folder, "none.safetensors");
    const none = new Map([
      ["x_adv", { shape: [0, 16, 16, 3], data: new Float32Array(0) }],
      ["indices", { shape: [0], data: new Float32Array(0) }],
    ]);
    await Deno.writeFile(path, formatSafetensors(none, {}));
    const { rows } = await measure(store, { submit: path });
    const [given, own] = ["submitted", "clean"].map((attack) =>
      rows.find((row) => row.attack === attack && row.system === "none")!
    );
    assert.equal(given.outcomes, own.outcomes);
    assert.equal(given.maxPerturbation, 0);
    assert.equal(clean.rows.some(({ attack }) => attack === "submitted"), false);
  }));
