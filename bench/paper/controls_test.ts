import assert from "node:assert/strict";
import { besideControls, controlNote } from "./controls.ts";
import type { TableColumn, TableRow } from "./paper_table.ts";

const columns: TableColumn[] = [
  { threatModel: "none", attack: "clean" },
  { threatModel: "oblivious", attack: "pgd" },
];

const row = (name: string, pgd: number | null, more: Partial<TableRow> = {}): TableRow => ({
  name,
  runs: ["run"],
  seconds: 0,
  figures: [{ mean: 0.1, values: [0.1] }, pgd === null ? null : { mean: pgd, values: [pgd] }],
  ...more,
});

const below = (rows: readonly TableRow[]) =>
  besideControls(rows, columns).map(({ figures }) => figures.map((figure) => figure?.below));

Deno.test("a defense is marked under attack where the best control row is above it", () => {
  const rows = [
    row("none", 0, { runs: [] }),
    row("full", 0.6),
    row("quilting", 0.3),
    row("jpeg", 0.4),
    row("bicubic", 0.2),
    row("fpd", null),
  ];
  assert.deepEqual(below(rows).map(([clean, pgd]) => [clean, pgd]), [
    [undefined, undefined],
    [undefined, undefined],
    [undefined, "jpeg"],
    [undefined, undefined],
    [undefined, undefined],
    [undefined, undefined],
  ]);
  assert.equal(
    controlNote({ rows: besideControls(rows, columns) }),
    "▾ below a control row, which restores nothing: jpeg",
  );
  assert.equal(controlNote({ rows }), undefined);
});

Deno.test("the control of an adversarially trained O is O trained on without attacks", () => {
  const rival = "target" as const;
  const rows = [
    row("none-finetuned", 0.2, { rival }),
    row("trades", 0.1, { rival }),
    row("fast", 0.3, { rival }),
    row("jpeg", 0.9),
  ];
  assert.deepEqual(below(rows).map(([, pgd]) => pgd), [
    undefined,
    "none-finetuned",
    undefined,
    undefined,
  ]);
  assert.deepEqual(below(rows.slice(1, 3)).map(([, pgd]) => pgd), [undefined, undefined]);
});
