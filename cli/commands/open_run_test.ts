import { encodePng } from "@realign/datasets";
import assert from "node:assert/strict";
import { join } from "node:path";
import { runRealign, withStore } from "../testing.ts";

Deno.test("a run is not begun with files or batches that no stage could use", async () => {
  const folder = await Deno.makeTempDir();
  const runs = join(folder, "runs");
  const cut = join(folder, "cut.safetensors");
  await Deno.writeTextFile(cut, "{}");
  const none = join(folder, "none.safetensors");
  const cases: [string[], RegExp][] = [
    [
      ["train", "--target-weights", none],
      /target's weights .*none\.safetensors: it does not exist/,
    ],
    [["train", "--target-weights", cut], /cut\.safetensors/],
    [["train", `--perceptual.weights=${none}`], /perceptual network's weights .* does not exist/],
    [
      ["train", "--train.batchSize=33"],
      /at most the 32 examples of shapes train: .* is 33; lower train\.batchSize\n/,
    ],
    [
      ["train", "--target.train.batchSize=34"],
      /: current value is 34; lower target\.train\.batchSize\n/,
    ],
    [["train-target", "--target.train.batchSize=35"], /at most the 32 examples .* is 35/],
  ];
  try {
    for (const [[command, ...settings], message] of cases) {
      const args = [command, "cls-shapes", "--runs", runs, "--dataset.trainExamples=32"];
      const { code, error } = await runRealign([
        ...args,
        "--train.batchSize=8",
        "--target.train.batchSize=8",
        ...settings,
      ]);
      const line = settings.join(" ");
      assert.equal(code, 1, line);
      assert.match(error.trimEnd().split("\n").at(-1)!, /^error: Cannot /, line);
      assert.match(error, message, line);
      await assert.rejects(Deno.stat(runs), Deno.errors.NotFound, line);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a run is not begun where splits number their classes differently", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const pixels = new Uint8Array(64 * 64 * 3);
    await Deno.writeFile(join(folder, "a.png"), await encodePng({ pixels, height: 64, width: 64 }));
    const write = (split: string, ...names: string[]) =>
      Deno.writeTextFile(
        join(folder, `${split}.json`),
        JSON.stringify({
          images: [{ id: 1, file_name: "a.png", width: 64, height: 64 }],
          annotations: [{ image_id: 1, category_id: 0, bbox: [8, 8, 32, 32] }],
          categories: names.map((name, id) => ({ id, name })),
        }),
      );
    await write("train", "cat", "dog");
    await write("test", "dog", "cat");
    const { code, error } = await runRealign([
      ...["train", "det-shapes", "--runs", join(folder, "runs"), "--data", folder],
      ...["--dataset.name=coco", "--evaluation.examples=0"],
      ...["--dataset.options.train=train.json,.", "--dataset.options.test=test.json,."],
    ]);
    assert.equal(code, 1, error);
    assert.match(error, /^error: .* of coco must .* class 0 is cat in \. and dog in \.$/m);
    await assert.rejects(Deno.stat(join(folder, "runs")), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a run whose record sets an attack as it cannot be set is refused by file and option", () =>
  withStore(async (store) => {
    store[Symbol.dispose](); // the program takes its lock
    const path = join(store.folder, "run.json");
    const written = await Deno.readTextFile(path);
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ stepz: 1 }, /no option "stepz": did you mean "steps"\? \(attack of .*run\.json\)/],
      [{ steps: null }, /steps must be an integer .* current value is null \(attack of/],
    ];
    for (const [changes, message] of cases) {
      const record = JSON.parse(written);
      Object.assign(record.preset.attack, changes);
      await Deno.writeTextFile(path, JSON.stringify(record));
      const { code, error } = await runRealign(["evaluate", store.folder]);
      assert.equal(code, 1);
      assert.match(error, message);
    }
  }));
