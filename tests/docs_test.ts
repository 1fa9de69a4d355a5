/**
 * The documents against the repository. Their TypeScript blocks are run by examples_test.ts.
 */
import type { Evaluation } from "@realign/core";
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { toKeep } from "../bench/documents/keep_result.ts";
import { DOCUMENTS, readCommitted, withResults } from "../bench/documents/readme.ts";
import { resultsTable } from "../bench/documents/results_table.ts";
import { sampleEvaluation } from "../cli/testing.ts";
import * as losses from "@realign/core/losses";
import { blocksOf, documents, readDocument as read } from "./documents.ts";
import { root } from "./source_files.ts";

Deno.test("links and paths in the documents lead to something", async () => {
  const broken: string[] = [];
  for (const document of documents) {
    const text = await read(document);
    const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, target]) => target);
    const paths = Array.from(
      text.matchAll(/`((?:core|datasets|plugins|cli|bench|tests)\/[\w./]*)`/g),
      ([, path]) => path,
    );
    for (const target of [...links, ...paths]) {
      const path = join(root, dirname(document), target);
      if (!await Deno.stat(path).then(() => true, () => false)) {
        broken.push(`${document}: ${target}`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("tasks that the documents name are there", async () => {
  const { tasks } = JSON.parse(await read("deno.json"));
  for (const document of documents) {
    const text = await read(document);
    for (const [, name] of text.matchAll(/(?:`|^|\s)(?:deno|npx -y deno@[\d.]+) task ([\w-]+)/gm)) {
      assert.ok(name in tasks, `${document}: deno task ${name}`);
    }
  }
});

Deno.test("files that documents quote are quoted to the letter", async () => {
  const quoted: string[] = [];
  for (const document of documents) {
    for (const { before, code } of blocksOf(await read(document))) {
      const [, path] = /^<!-- (\S+\.(?:ts|py|sh)) -->$/.exec(before) ?? [];
      if (!path) continue;
      quoted.push(path);
      assert.equal(`${code}\n`, await read(path), `${document} does not show ${path} as it is`);
    }
  }
  const files = ["dataset", "network", "task", "mod"].map((name) => `tests/bar_angle/${name}.ts`);
  assert.deepEqual(quoted, [
    "tests/peers/attack_exported_system.py",
    "tests/grid_array.sh",
    ...files,
  ]);
});

Deno.test("every block is run: by examples_test.ts, as a file of tests/, or as a command", async () => {
  const others: string[] = [];
  for (const document of documents) {
    for (const { kind, before } of blocksOf(await read(document))) {
      const isQuoted = ["ts ignore", "python", "bash"].includes(kind) &&
        before.startsWith("<!-- tests/");
      const isDrawing = kind === "" && document === "ARCHITECTURE.md";
      if (!["ts", "sh"].includes(kind) && !isQuoted && !isDrawing) {
        others.push(`${document}: ${kind}`);
      }
    }
  }
  assert.deepEqual(others, []);
});

Deno.test("functions that docs/how_it_works.md names are there", async () => {
  const rows = (await read("docs/how_it_works.md")).matchAll(/^\|.*\| `(\w+Loss)` \|$/gm);
  const names = Array.from(rows, ([, name]) => name);
  assert.equal(names.length, 8);
  for (const name of names) assert.ok(name in losses, name);
});

Deno.test("documents show the committed results and no others: deno task readme", async () => {
  for (const document of DOCUMENTS) {
    const text = await read(document);
    assert.equal(withResults(text, await readCommitted()), text);
  }
});

const interval = [0.5, 0.75] as const;
const sample: Evaluation = {
  ...sampleEvaluation,
  target: { architecture: "wrn-10-1", digest: "t" },
  seed: 3,
  rows: ([
    ["whitebox", "pgd-20", "generator", 0],
    ["none", "clean", "none", 0.875],
    ["none", "clean", "generator", 0.75],
    ["oblivious", "pgd", "generator", 0.625],
    ["oblivious", "worst case", "generator", 0.5],
    ["oblivious", "pgd", "jpeg", 0.25],
  ] as const).map(([threatModel, attack, system, value]) => ({
    threatModel,
    attack,
    system,
    settings: null,
    metric: { name: "accuracy", value, count: 8, interval, details: { confusion: [] } },
    maxPerturbation: 0,
    seconds: 0,
    outcomes: "11110000",
  })),
  systems: [
    ...sampleEvaluation.systems,
    { name: "jpeg", title: "JPEG", role: "other", defenses: [{ name: "jpeg", quality: 75 }] },
  ],
  published: { table: "Table 1", figures: { generator: { pgd: 85.1 } } },
  warnings: ["little data"],
  environment: {
    deno: "1",
    backend: { name: "tensorflow", version: "2", library: "/home/somebody/libtensorflow_cc.so.2" },
    commit: "0123456789",
  },
};

Deno.test("resultsTable() puts whitebox attacks last and the paper's figures below", () => {
  const table = resultsTable([{ file: "bench/results/a.json", evaluation: sample }]);
  assert.deepEqual(table.split("\n").slice(0, 7), [
    "Classification, accuracy in percent:",
    "",
    "| Data, target O | Defense | Clean | PGD, oblivious | PGD-20, whitebox |",
    "| --- | --- | --: | --: | --: |",
    "| shapes, wrn-10-1 | None (O alone) | 87.5 |  |  |",
    "| shapes, wrn-10-1 | Generator G | 75.0 | 62.5 | 0.0 |",
    "| shapes, the paper's O | Generator G (the paper's) |  | 85.1 |  |",
  ]);
  assert.match(
    table,
    /accuracy in percent on 8 images, .*seed 3, tensorflow 2, commit 0123456\. Warning: little data\./,
  );
  assert.equal(resultsTable([]), "");
});

Deno.test("resultsTable() gives every task a table of its own attacks", () => {
  const iou = sample.rows.slice(1, 3).map((row) => ({
    ...row,
    metric: { ...row.metric, name: "mIoU" },
  }));
  const other = { ...sample, task: "segmentation", rows: iou };
  const files = [sample, other, sample].map((evaluation, index) => ({
    file: `${index}.json`,
    evaluation,
  }));
  const captions = resultsTable(files).split("\n").filter((line) => line.endsWith(":"));
  assert.deepEqual(captions, [
    "Classification, accuracy in percent:",
    "Segmentation, mIoU in percent:",
  ]);
  assert.match(
    resultsTable(files),
    /mIoU in percent:\n\n\| Data, target O \| Defense \| Clean \|\n/,
  );
});

Deno.test("withResults() fills blocks that it knows, and refuses others", async () => {
  const none = { evaluations: [], benches: [], features: [], tables: {} };
  const block = (name: string, text: string) =>
    `a\n<!-- ${name}: deno task readme -->${text}<!-- end of ${name} -->\nb`;
  assert.equal(withResults(block("speed", "\nold\n"), none), block("speed", "\n"));
  const { evaluations } = await readCommitted();
  assert.match(withResults(block("results", ""), { ...none, evaluations }), /in percent:\n/);
  assert.throws(() => withResults(block("spede", ""), none), /the block "spede" as it is unknown/);
  const open = "<!-- speed: deno task readme -->\nb";
  assert.throws(() => withResults(open, none), /unknown or has no end/);
});

Deno.test("resultsTable() shows every defense if asked, and no intervals where a metric has none", () => {
  const rows = sample.rows.map(({ metric: { interval: _, ...metric }, ...row }) => ({
    ...row,
    metric,
  }));
  const results = [{ file: "a", evaluation: { ...sample, rows } }];
  assert.match(resultsTable(results, "all"), /\| shapes, wrn-10-1 \| JPEG \|/);
  assert.doesNotMatch(resultsTable(results), /JPEG|interval/);
});

Deno.test("toKeep() leaves out places on a machine and outcomes of single examples", () => {
  const kept = toKeep(sample);
  assert.doesNotMatch(JSON.stringify(kept), /somebody|11110000|confusion/);
  assert.equal(
    resultsTable([{ file: "a", evaluation: kept }]),
    resultsTable([{ file: "a", evaluation: sample }]),
  );
});

Deno.test("resultsTable() marks figures of outputs that are not numbers", () => {
  const rows = sample.rows.map((row) => ({ ...row, notANumber: 1 }));
  const table = resultsTable([{ file: "0.json", evaluation: { ...sample, rows } }]);
  assert.match(table, /\| None \(O alone\) \| 87\.5† \|/);
  assert.match(table, /\n† some outputs are not numbers and count as wrong\.\n/);
});
