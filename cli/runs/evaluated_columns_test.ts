import type { EvaluationRow } from "@realign/core";
import assert from "node:assert/strict";
import { withStore } from "../testing.ts";
import { EvaluatedColumns, forgetColumns } from "./evaluated_columns.ts";

const row: EvaluationRow = {
  threatModel: "oblivious",
  attack: "pgd",
  settings: { name: "pgd", epsilon: 0.031 },
  system: "none",
  metric: { name: "accuracy", value: 0.5, count: 2 },
  maxPerturbation: 0.031,
  seconds: 1,
  outcomes: "10",
};

Deno.test("EvaluatedColumns gives back what an earlier process measured", () =>
  withStore(async (store) => {
    const first = await EvaluatedColumns.open(store, { seed: 1 });
    await first.add(0, [row]);
    const second = await EvaluatedColumns.open(store, { seed: 1 });
    assert.deepEqual(second.at(0), [row]);
    assert.equal(second.at(1), undefined);
    await second.add(3, [row, row]);
    const third = await EvaluatedColumns.open(store, { seed: 1 });
    assert.deepEqual([0, 1, 3].map((place) => third.at(place)?.length), [1, undefined, 2]);
  }));

Deno.test("EvaluatedColumns keeps what is measured on clean images alone", () =>
  withStore(async (store) => {
    const figures = { millisecondsPerImage: 2.5, reconstructionError: 0.0287 };
    const clean = { ...row, threatModel: "none", attack: "clean", settings: null, ...figures };
    await (await EvaluatedColumns.open(store, {})).add(0, [clean]);
    assert.deepEqual((await EvaluatedColumns.open(store, {})).at(0), [clean]);
  }));

Deno.test("EvaluatedColumns takes nothing of other settings", () =>
  withStore(async (store) => {
    await (await EvaluatedColumns.open(store, { seed: 1 })).add(0, [row]);
    assert.equal((await EvaluatedColumns.open(store, { seed: 2 })).at(0), undefined);
  }));

Deno.test("EvaluatedColumns begins anew where its file is damaged", () =>
  withStore(async (store) => {
    await (await EvaluatedColumns.open(store, {})).add(0, [row]);
    await Deno.writeTextFile(`${store.folder}/evaluation-columns.json`, '{"key": "');
    assert.equal((await EvaluatedColumns.open(store, {})).at(0), undefined);
  }));

Deno.test("forgetColumns removes the file, and does nothing where there is none", () =>
  withStore(async (store) => {
    await (await EvaluatedColumns.open(store, {})).add(0, [row]);
    await forgetColumns(store);
    await forgetColumns(store);
    assert.equal((await EvaluatedColumns.open(store, {})).at(0), undefined);
  }));
