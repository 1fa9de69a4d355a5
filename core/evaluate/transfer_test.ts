import assert from "node:assert/strict";
import { createAttack } from "../attacks/mod.ts";
import { createEvaluationBatches } from "../batches/mod.ts";
import { type Defense, identityDefense } from "../defenses/mod.ts";
import { createRandom } from "../random.ts";
import { useTestBackend } from "../testing/mod.ts";
import { createToyDataset, createToyTask, type ToyOutput, toyPreset } from "../testing/toy_task.ts";
import * as tf from "../tf.ts";
import type { Column } from "./columns.ts";
import { evaluateColumn, type EvaluateParts } from "./evaluate.ts";
import { undefended } from "./system.ts";
import { victimOf } from "./victim.ts";

await useTestBackend();

const task = createToyTask();
const dataset = createToyDataset(10, "test");
const target = task.createTarget("toy-net", createRandom(4, "target"));
const pgd = { name: "pgd", epsilon: 0.06, steps: 3 };

Deno.test("evaluateColumn makes images on a substitute alone, and every system sees the same ones", async () => {
  const substitute = task.createTarget("toy-net", createRandom(7, "substitute"));
  const parts: EvaluateParts<ToyOutput, tf.Tensor1D> = {
    preset: toyPreset,
    task,
    batches: () => createEvaluationBatches(dataset, task, { batchSize: 4 }),
  };
  const seen = new Map<string, number[]>();
  /** Changes nothing, and keeps what it is shown. */
  const watch = (name: string): Defense => ({
    ...identityDefense,
    restore: (images) => {
      seen.set(name, [...seen.get(name) ?? [], ...images.dataSync<"float32">()]);
      return Promise.resolve(tf.clone(images));
    },
  });
  const oblivious: Column<ToyOutput> = {
    threatModel: "oblivious",
    attack: "pgd",
    settings: pgd,
    attacked: { target },
    systems: [undefended(target)],
  };
  const behind = (name: string) => ({ name, title: name, target, defense: watch(name) });
  const rows = await evaluateColumn(parts, {
    ...oblivious,
    threatModel: "transfer",
    attacked: { target: substitute, substitute: "another" },
    systems: [...oblivious.systems, behind("a"), behind("b")],
  });
  const expected: number[] = [];
  let alone = "";
  using attack = createAttack(pgd, victimOf({ task, target: substitute }));
  for await (const { images, labels, indices, count } of parts.batches()) {
    const random = createRandom(toyPreset.seed, "evaluate", "pgd", indices[0]);
    const adversarial = await attack.perturb(images, labels, random);
    expected.push(...adversarial.dataSync<"float32">());
    const scores = await target.forward(adversarial).logits.array();
    scores.slice(0, count).forEach((row, at) =>
      alone += row.indexOf(Math.max(...row)) === indices[at] % 3 ? "1" : "0"
    );
  }
  assert.deepEqual(seen.get("a"), expected);
  assert.deepEqual(seen.get("b"), expected);
  assert.equal(rows[0].outcomes, alone, "O is judged on them as they are");
  assert.deepEqual(rows.map(({ threatModel, substitute }) => [threatModel, substitute]), [
    ...rows.map(() => ["transfer", "another"]),
  ]);
  const [own] = await evaluateColumn(parts, oblivious);
  assert.equal("substitute" in own, false);
  assert.ok(own.metric.value < rows[0].metric.value, "O is not the model attacked");
});
