/**
 * A network from PyTorch, defended and run in onnxruntime, as a table for the documents.
 *
 * @module
 */
import type { ElsewhereResult } from "../elsewhere/result.ts";
import { table } from "./markdown_table.ts";

/** Writes a row for each chain of models and set of images as Markdown. */
export function elsewhereTable({ rows, images, pytorch }: ElsewhereResult): string {
  const heading = ["in onnxruntime", "images", "accuracy there, %", "here, %", "images apart"];
  const percent = (share: number) => (100 * share).toFixed(1);
  const lines = rows.map(({ chain, images, onnxruntime, realign, different }) =>
    [chain, images, percent(onnxruntime), percent(realign), different].map(String)
  );
  return `${
    table([heading, ...lines], (column) => column > 1)
  }\n\nOn ${images} images; PyTorch says ${
    percent(pytorch.accuracy)
  } % of its own network after ${pytorch.epochs} epochs. [bench/results/elsewhere.json](../bench/results/elsewhere.json)`;
}
