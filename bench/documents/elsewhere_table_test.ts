import assert from "node:assert/strict";
import { elsewhereTable } from "./elsewhere_table.ts";

Deno.test("elsewhereTable() has a row for each chain and set of images", () => {
  const row = { chain: "the file", images: "clean", onnxruntime: 0.5, realign: 0.25, different: 1 };
  const text = elsewhereTable({
    version: 1,
    kind: "elsewhere",
    date: "",
    preset: "p",
    images: 4,
    pytorch: { accuracy: 0.5, epochs: 2 },
    rows: [row],
    environment: {},
  });
  assert.match(text, /\| the file \| clean \| +50\.0 \| +25\.0 \| +1 \|/);
  assert.match(text, /On 4 images; PyTorch says 50\.0 % of its own network after 2 epochs/);
});
