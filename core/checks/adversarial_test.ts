import assert from "node:assert/strict";
import { adversarialTrainings } from "../adversarial_values.ts";
import type { AdversarialTraining } from "../preset.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask, toyPreset } from "../testing/toy_task.ts";
import { checkRun } from "./run.ts";

await useTestBackend();

const dataset = createToyDataset(9);

async function check(adversarial: AdversarialTraining, objectives = createToyTask().objectives) {
  const task = { ...createToyTask(), objectives };
  using target = task.createTarget("toy-net", createRandom(1));
  const { train, ...rest } = toyPreset.target;
  const preset = { ...toyPreset, target: { ...rest, train: { ...train, adversarial } } };
  await checkRun({ preset, task, target, dataset });
}

const attack = { name: "pgd", epsilon: 0.1 };

Deno.test("checkRun lets every bundle of adversarial training pass", async () => {
  for (const adversarial of Object.values(adversarialTrainings)) await check(adversarial);
  await check({ attack, share: 0.5 });
});

Deno.test("checkRun refuses adversarial training whose settings exclude each other, by name", async () => {
  const replays = { replays: 4, epsilon: 0.1 };
  for (
    const [adversarial, message] of [
      [{}, /target\.train\.adversarial must have an attack or replays/],
      [{ share: 0.5 }, /must have an attack or replays/],
      [{ attack, replays: 4 }, /replays must be left out with an attack: current value is 4/],
      [{ attack, epsilon: 0.1 }, /epsilon must be left out with an attack/],
      [{ replays: 4 }, /epsilon must be set with replays: current value is undefined/],
      [{ attack, share: 0 }, /share must be above 0 and at most 1, .* one of 6 .*: .* is 0/],
      [{ attack, share: 1.5 }, /share must be above 0 and at most 1/],
      [{ attack, share: 0.01 }, /share must be above 0 .* of at least one of 6 examples/],
      [{ ...replays, share: 0.5 }, /share must be 1 with replays: current value is 0\.5/],
      [{ attack, loss: "trades", share: 0.5 }, /share must be 1 with the loss "trades"/],
      [{ ...replays, ramp: 0.5 }, /ramp must be left out with replays: current value is 0\.5/],
      [{ ...replays, loss: "trades" }, /loss must be "task" with replays/],
      [{ attack, beta: 3 }, /beta must be left out with the loss "task": current value is 3/],
      [{ attack, loss: "trade" }, /adversarial\.loss "trade" is unknown: did you mean "trades"\?/],
      [{ attack: { ...attack, name: "pgf" } }, /did you mean "pgd"/],
      [{ attack: { ...attack, objective: "kll" } }, /did you mean "kl"/],
    ] as const
  ) await assert.rejects(check(adversarial), { name: "RangeError", message });
});

Deno.test('checkRun refuses the loss "trades" for a task that cannot compare two outputs', async () => {
  const { kl: _, ...others } = createToyTask().objectives;
  const plain = { ...others, kl: others["cross-entropy"] };
  for (const objectives of [others, plain]) {
    await assert.rejects(check({ attack, loss: "trades" }, objectives), {
      name: "RangeError",
      message: /loss "trades" as toy has no objective "kl", .*: set .*\.loss to "task"/,
    });
  }
});
