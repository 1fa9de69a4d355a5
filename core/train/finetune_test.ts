import assert from "node:assert/strict";
import { adversarialTrainings } from "../adversarial_values.ts";
import { presetOn } from "../other_target.ts";
import { trainTarget } from "../pipeline.ts";
import type { TargetTraining } from "../preset.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
import { createTargetTraining } from "./from_preset.ts";

await useTestBackend();

const task = createToyTask();
const dataset = createToyDataset(18);
const presetWith = (train: Partial<TargetTraining>) => ({
  ...toyPreset,
  target: { ...toyPreset.target, train: { ...toyPreset.target.train, ...train } },
});
using other = task.createTarget("toy-net", createRandom(8));
const start = await other.parameters.export();

Deno.test("trainTarget from given weights has their outputs after no step, and goes on from them", async () => {
  const preset = presetWith({ from: "o.safetensors" });
  for (const adversarial of [undefined, ...Object.values(adversarialTrainings)]) {
    const tuned = presetWith({ from: "o.safetensors", adversarial });
    using none = await trainTarget({ preset: tuned, task, dataset, start, steps: 0 });
    assert.deepEqual(await none.parameters.export(), start);
  }
  using fresh = await trainTarget({ preset: toyPreset, task, dataset, steps: 1 });
  using moved = await trainTarget({ preset, task, dataset, start, steps: 1 });
  const weights = await moved.parameters.export();
  assert.notDeepEqual(weights, start);
  assert.notDeepEqual(weights, await fresh.parameters.export());
});

Deno.test("trainTarget refuses a file to start from whose weights it was not given", async () => {
  const preset = presetWith({ from: "o.safetensors" });
  await assert.rejects(trainTarget({ preset, task, dataset, steps: 1 }), {
    name: "RangeError",
    message: /must be passed in: current value of target\.train\.from is "o\.safetensors"/,
  });
});

Deno.test("trainTarget counts every replay as a step, and has a batch again in each", async () => {
  const preset = presetWith({ adversarial: { replays: 2, epsilon: 0.1 }, epochs: 2 });
  using target = task.createTarget("toy-net", createRandom(1));
  const { trainer, batches } = createTargetTraining({ preset, task, target, dataset });
  using _trainer = trainer;
  assert.equal(trainer.totalSteps, 6);
  const seen: string[] = [];
  const watched = async function* () {
    for await (const batch of batches(0, trainer.totalSteps)) {
      seen.push(batch.ids.join());
      yield batch;
    }
  };
  for await (const { losses } of trainer.run(watched())) assert.ok(Number.isFinite(losses.task));
  assert.deepEqual(seen, [seen[0], seen[0], seen[2], seen[2], seen[4], seen[4]]);
  assert.equal(new Set(seen).size, 3);
});

Deno.test("trainTarget with TRADES reports L_o, the divergence and their sum", async () => {
  const preset = presetWith({ adversarial: adversarialTrainings.trades });
  const told: Readonly<Record<string, number>>[] = [];
  const onStep = ({ losses }: { losses: Readonly<Record<string, number>> }) => told.push(losses);
  using _target = await trainTarget({ preset, task, dataset, steps: 2 }, onStep);
  for (const { task, divergence, total } of told) {
    assert.ok(divergence > 0);
    assert.ok(Math.abs(total - task - 6 * divergence) < 1e-5);
  }
});

Deno.test("presetOn gives another target neither O's adversarial training nor its start", () => {
  const preset = presetWith({ from: "o.safetensors", adversarial: adversarialTrainings.pgd });
  const { train } = presetOn(preset, { weights: "" }).target;
  assert.deepEqual(train, toyPreset.target.train);
  const own = { adversarial: adversarialTrainings.free };
  assert.deepEqual(presetOn(preset, { weights: "", train: own }).target.train, {
    ...train,
    ...own,
  });
});
