/**
 * A task of a third party, from a folder of its own: the files in bar_angle/ are those of
 * docs/your_own_task.md.
 */
import { createEvaluationBatches, type Evaluation } from "@realign/core";
import { assertTaskAdapter, useTestBackend } from "@realign/core/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { succeed } from "../cli/testing.ts";
import { openBars } from "./bar_angle/dataset.ts";
import plugin from "./bar_angle/mod.ts";
import { barAngle } from "./bar_angle/task.ts";

Deno.test("the bar-angle task keeps to the core's contract", async () => {
  await useTestBackend();
  const dataset = await openBars("test", { size: [16, 16], examples: 3 });
  const annotations = await Promise.all(
    [0, 1, 2].map(async (index) => (await dataset.read(index)).annotation),
  );
  const batches = createEvaluationBatches(dataset, barAngle, { batchSize: 3 });
  const { value } = await batches.next();
  const impossible = { angle: Math.PI };
  await assertTaskAdapter(barAngle, "bar-net", { images: value!.images, annotations, impossible });
  await batches.return();
});

Deno.test("the bar-angle metric forgives half a turn and ten degrees", async () => {
  await useTestBackend();
  const task = plugin.createTask(plugin.presets.bars, []);
  const angles = [0, 5, 90, 172].map((angle) => ({ angle: angle / 180 * Math.PI }));
  const found = task.encodeLabels(
    [179, 20, 99, 1].map((angle) => ({ angle: angle / 180 * Math.PI })),
  );
  const metric = task.createMetric();
  await metric.update(found, task.encodeLabels(angles), 4);
  const { value, details } = metric.result();
  assert.equal(value, 0.75);
  assert.ok(Math.abs((details?.meanError as number) - (1 + 15 + 9 + 9) / 4) < 1e-3);
});

Deno.test("a plugin in another folder is trained, evaluated and reported from there", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const source = join(import.meta.dirname!, "bar_angle");
    for await (const { name } of Deno.readDir(source)) {
      await Deno.copyFile(join(source, name), join(folder, name));
    }
    const realign = (...args: string[]) => succeed(args, { cwd: folder });
    const fewer = ["--target.train.epochs=8", "--train.epochs=4", "--evaluation.examples=100"];
    await realign("train", "bars", "--plugin", "./mod.ts", ...fewer);
    const { rows } = JSON.parse(await realign("evaluate", "latest", "--json")) as Evaluation;
    const share = (attack: string, system: string) =>
      rows.find((row) =>
        row.attack === attack && row.system === system && row.threatModel !== "whitebox"
      )!.metric.value;
    assert.ok(share("clean", "none") > 0.9, "O knows the angles");
    assert.ok(share("pgd", "none") < 0.6, "the attack turns them");
    assert.ok(share("pgd", "generator") > share("pgd", "none") + 0.2, "G turns them back");
    const page = await Deno.readTextFile(join(folder, (await realign("report", "latest")).trim()));
    assert.match(page, /within 10°/);
    assert.match(page, /<img src="data:image\/png/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
