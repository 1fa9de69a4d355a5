import assert from "node:assert/strict";
import { Interruption } from "../../cli/system/interruption.ts";
import { type PaperOptions, planGrid } from "./command.ts";

const context = { overrides: [], words: [], interruption: new Interruption() };

/** Nothing is computed. */
const common = {
  seeds: 1,
  suite: "paper",
  runs: "runs",
  cache: "off",
  backend: "tensorflow",
  device: "cpu",
  threads: 1,
  wait: true,
  claimTimeout: 120,
} as const;

/** What a table's grid is made of, as the command line names it. */
const plan = (table: string, preset: string, more: Partial<PaperOptions> = {}) =>
  planGrid({ ...common, table, preset, ...more }, context);

const learned = ["ape-gan", "hgd", "nrp", "fpd", "defense-gan", "sr"];

Deno.test("Table 4 is planned with every row of segmentation and of detection, and the paper's figures", async () => {
  for (
    const [preset, own, row] of [
      ["seg-camvid-small", ["sat", "sat-finetuned", "ddcat", "ddcat-finetuned"], "DDCAT"],
      ["det-bccd-small", ["cls", "loc", "con", "mtd"], "MTD"],
    ] as const
  ) {
    for (const suite of ["paper", "standard"]) {
      const { plan: { cells, kind, second }, rivals } = await plan("4", preset, { suite });
      assert.deepEqual(cells.map(({ name }) => name), [
        ...["full", "none-finetuned", ...own, "jpeg", ...learned, "identity", "bicubic"],
      ]);
      assert.deepEqual([kind.view, second], ["own", undefined]);
      const target = { architecture: preset.startsWith("seg") ? "pspnet-resnet18-w0.5" : "ssd192" };
      const published = rivals({ target: { ...target, digest: "" } })!;
      assert.match(published.table, /^Table 4, /);
      assert.ok(row in published.figures);
    }
  }
});

Deno.test("Tables 9, 14 and 16 are planned with the second architecture in its place", async () => {
  const nine = (await plan("9", "det-bccd-small")).plan;
  assert.equal(nine.preset.target.architecture, "rfb192-vgg16-bn-w0.1875");
  assert.equal(nine.second, undefined);
  const deepLab = { target: { architecture: "deeplabv3-resnet18-w0.5", digest: "" } };
  const nineOfSegmenters = await plan("9", "seg-camvid-small");
  assert.match(nineOfSegmenters.rivals(deepLab)!.table, /^Table 9, Cityscapes/);
  for (
    const [table, preset, architecture] of [
      ["14", "seg-camvid-small", "deeplabv3-resnet18-w0.5"],
      ["14", "det-bccd-small", "rfb192-vgg16-bn-w0.1875"],
      ["16", "seg-camvid-small", "deeplabv3-resnet18-w0.5"],
      ["16", "det-bccd-small", "rfb192-vgg16-bn-w0.1875"],
    ]
  ) {
    const { plan: { second, preset: own } } = await plan(table, preset);
    assert.ok(second && "target" in second);
    assert.equal(second.target.architecture, architecture);
    assert.notEqual(own.target.architecture, architecture);
  }
  const { plan: sixteen, rivals } = await plan("16", "seg-camvid-small");
  assert.deepEqual(sixteen.cells.slice(6).map(({ name }) => name), learned);
  assert.match(rivals(deepLab)!.table, /^Table 16, Cityscapes/);
  const ofDetectors = await plan("16", "det-bccd-small");
  const rfbNet = { target: { architecture: "rfb192-vgg16-bn-w0.1875", digest: "" } };
  assert.equal(ofDetectors.rivals(rfbNet), undefined, "the paper has no such table of detection");
});

Deno.test("a row of another task is refused before anything is trained", async () => {
  await assert.rejects(plan("4", "det-bccd-small", { cells: "full,sat" }), {
    name: "UsageError",
    message: /^Cannot fill the row "sat" with detection as it is of segmentation: known are .*$/,
  });
});
