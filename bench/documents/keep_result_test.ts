import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleEvaluation, startTask, withStore } from "../../cli/testing.ts";
import { keepResult } from "./keep_result.ts";
import { resultsTable } from "./results_table.ts";

const sampleRow = {
  threatModel: "none",
  attack: "clean",
  system: "none",
  settings: null,
  metric: { name: "accuracy", value: 0.5, count: 8 },
  maxPerturbation: 0,
  seconds: 1,
};

Deno.test("keep-result loads nothing that its permissions forbid, and names what a folder lacks", async () => {
  const { code, stderr } = await startTask("keep-result", ["none", "name"]).output();
  assert.equal(code, 1);
  assert.equal(
    new TextDecoder().decode(stderr).trim(),
    "error: Cannot keep none as it has no run.json: evaluate the run first",
  );
});

Deno.test("keepResult() keeps a run's evaluation, its features, and the same G before another target", () =>
  withStore(async (store) => {
    const evaluation = { ...sampleEvaluation, rows: [sampleRow] };
    const other = {
      ...evaluation,
      target: { architecture: "wrn-10-2", digest: "w" },
      trainedFor: evaluation.target,
    };
    await store.writeJson("evaluation.json", evaluation);
    await store.writeJson("evaluation-on-wrn-10-2-w.json", other);
    const target = await Deno.makeTempDir();
    try {
      await keepResult(store.folder, "mine", target);
      const names = [...Deno.readDirSync(target)].map(({ name }) => name).sort();
      assert.deepEqual(names, ["mine-on-wrn-10-2.json", "mine.json", "mine.run.json"]);
      const kept = JSON.parse(await Deno.readTextFile(join(target, names[0])));
      assert.deepEqual(kept.trainedFor, evaluation.target);
      const table = resultsTable([{ file: "mine-on-wrn-10-2.json", evaluation: kept }]);
      assert.match(table, /\| shapes, wrn-10-2 \(G trained for resnet20\) \|/);
    } finally {
      await Deno.remove(target, { recursive: true });
    }
  }));
