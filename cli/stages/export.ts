/**
 * The stage `export`: a trained part of a run in a format that runs elsewhere.
 *
 * @module
 */
import {
  freezeFunction,
  type FrozenFunction,
  type Layout,
  type ModelFiles,
  type ModelFormatName,
  modelFormats,
  openModel,
  writeModel,
} from "@realign/interop";
import { modelCard } from "../report/model_card.ts";
import { readEvaluation } from "../runs/evaluation_file.ts";
import type { RunStore } from "../runs/run_store.ts";
import { formatJson } from "../system/json.ts";
import type { Output } from "../terminal/output.ts";
import { compareExport, type Comparison } from "./compare_export.ts";
import { exportFacts } from "./export_facts.ts";
import { type ExportedPart, openFunction } from "./exported_function.ts";
import { openTorchModule } from "./torch_module.ts";
import type { Workbench } from "./workbench.ts";

/** What is exported, and how. */
export interface ExportRequest {
  readonly format: ModelFormatName;
  readonly part: ExportedPart;
  readonly layout: Layout;
  /** `[H, W]` of the images. Default: the dataset's */
  readonly size?: readonly [number, number];
  /** Fixes the batch size. Default: free where that can be had */
  readonly batch?: number;
}

/** An exported model in memory. */
export interface ExportedModel {
  /** Those of the model, `metadata.json` and the card, by name. */
  readonly files: ModelFiles;
  /** Absent where the batch size is free. */
  readonly batch?: number;
  /** Absent where it was not run: its structure was checked alone. */
  readonly compared?: Comparison;
  /** Why it was not run. */
  readonly notRun?: string;
  readonly warnings: readonly string[];
}

/** Who opens a format, by Hugging Face's names. */
const LIBRARIES: Readonly<Record<ModelFormatName, string>> = {
  onnx: "onnx",
  tfjs: "tf.js",
  tensorflow: "tf-keras",
  torch: "pytorch",
};

/** Files beside the model's own. */
const [METADATA, CARD] = ["metadata.json", "README.md"];

/**
 * Writes a model in memory, reads it back and compares it with the run's own networks on the run's first test images.
 *
 * @param request What and how
 * @param bench The run's preset, target and data
 * @param store The run
 * @param output For progress
 * @returns The files; nothing is on the disk yet
 * @throws {Error} One line, if the part is not trained, cannot be written in the format, or computes something else
 * when it is read back
 */
export async function exportModel(
  { format, part, layout, batch, size: given }: ExportRequest,
  bench: Workbench,
  store: RunStore,
  output: Output,
): Promise<ExportedModel> {
  const facts = exportFacts(store, await readEvaluation(store), part, bench.images.classNames);
  using stack = new DisposableStack();
  const compute = await openFunction(part, bench, store, stack, output);
  const size = given ?? bench.test.size;
  const frozen = freezeFunction(compute, { size, layout, batch, name: `the ${part}` });
  if (frozen.obstacle !== undefined) {
    output.warn(
      `the batch size is fixed at ${frozen.batch}, as ${frozen.obstacle}: set another with --batch N`,
    );
  }
  const { inputs, outputs } = frozen.graph;
  const written = writeModel(frozen.graph, format, { ...facts });
  const check = await compare(written, format, frozen, bench, size);
  const card = modelCard(facts, {
    format: modelFormats[format].title,
    library: LIBRARIES[format],
    files: [...written.keys()],
    inputs,
    outputs,
    checked: comparedText(check),
  });
  const metadata = formatJson({ ...facts, layout, inputs, outputs });
  const encoder = new TextEncoder();
  return {
    files: new Map([
      ...written,
      [METADATA, encoder.encode(`${metadata}\n`)],
      [CARD, encoder.encode(card)],
    ]),
    ...(frozen.batch !== undefined && { batch: frozen.batch }),
    ...check,
    warnings: facts.warnings,
  };
}

/** What came of reading a model back: a comparison, or why there is none. */
type Check = Pick<ExportedModel, "compared" | "notRun">;

/** Reads a model back and compares it, if there is something that runs it. */
async function compare(
  written: ModelFiles,
  format: ModelFormatName,
  frozen: FrozenFunction,
  bench: Workbench,
  size: readonly [number, number],
): Promise<Check> {
  using model = await openModel(written, format);
  if (model) return { compared: await compareExport(model, frozen, bench.test, size) };
  if (format !== "torch") return { notRun: "it has operations that nothing here runs" };
  const folder = await Deno.makeTempDir({ prefix: "realign-export-" });
  try {
    const asked = await openTorchModule(written, folder);
    if (typeof asked === "string") return { notRun: asked };
    return { compared: await compareExport(asked, frozen, bench.test, size) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What was compared, as a sentence without its end. */
export function comparedText({ compared, notRun }: Check): string {
  if (!compared) {
    return `its structure was read back and checked; it was not run or compared, as ${notRun}`;
  }
  const outputs = Object.entries(compared.differences)
    .map(([name, value]) => `${name} ${value.toPrecision(2)}`);
  return `read back and run on test images in batches of ${
    compared.batches.join(" and ")
  }: the greatest differences are ${outputs.join(", ")}`;
}
