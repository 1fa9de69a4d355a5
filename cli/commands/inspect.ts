/**
 * `realign inspect`: what a model's file holds, and whether it can be a target.
 *
 * @module
 */
import {
  describeUnsupported,
  type OnnxModel,
  type OnnxValueInfo,
  suggestAdapter,
  type SuggestedAdapter,
  type UnsupportedNode,
  unsupportedNodes,
} from "@realign/interop";
import type { Command } from "commander";
import { formatAdapter } from "../presets/adapter_file.ts";
import { UsageError } from "../system/failure.ts";
import { readOnnxFile } from "../system/read_onnx_file.ts";
import { isThere, writeSafely } from "../system/safe_file.ts";
import { Output } from "../terminal/output.ts";
import { textTable } from "../terminal/text_table.ts";
import { type Context, type OutputOptions, refuseOverrides, withOutput } from "./options.ts";

interface InspectOptions extends OutputOptions {
  readonly saveAdapter?: string;
}

/** What `--json` prints. */
interface Inspection {
  readonly file: string;
  readonly producer: string;
  readonly opset: number;
  /** Numbers in its weights. */
  readonly weights: number;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** How many nodes there are of each operator. */
  readonly operators: Readonly<Record<string, number>>;
  readonly unsupported: readonly UnsupportedNode[];
  readonly adapter: SuggestedAdapter;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Adds the command. */
export function addInspect(program: Command, context: Context): void {
  withOutput(program.command("inspect"))
    .description("say what an ONNX or TensorFlow.js model holds, and how it would be a target")
    .argument(
      "<file>",
      "an ONNX file, or a TensorFlow.js model.json; weights that lie beside it must be in its folder",
    )
    .option(
      "--save-adapter <file>",
      "write the guess as an adapter file, to be edited and given to --adapter",
    )
    .addHelpText(
      "after",
      `
Nothing is run. Operators that are not there are told, each with its node.

Examples:
  realign inspect resnet18.onnx
  realign inspect mobilenet/model.json
  realign inspect resnet18.onnx --json
  realign inspect resnet18.onnx --save-adapter resnet18.json`,
    )
    .action(async (file: string, options: InspectOptions) => {
      refuseOverrides(context, "a file is inspected as it is");
      const output = new Output(options.json ?? false);
      const { saveAdapter: path } = options;
      const { model } = await readOnnxFile(file);
      const found = inspect(file, model);
      const saved = path === undefined ? "" : await saveAdapter(path, found.adapter);
      output.result(found, describe(found) + saved);
    });
}

/** Writes an adapter file, and says what it leaves open. */
async function saveAdapter(path: string, found: SuggestedAdapter): Promise<string> {
  if (await isThere(path)) {
    throw new UsageError(`Cannot write the adapter into ${path} as it is there: choose another`);
  }
  await writeSafely(path, formatAdapter(found));
  const left = [
    "normalization (images go in as they are, in [0, 1])",
    ...(found.size ? [] : ["size (add it: height and width)"]),
    ...(found.classNames ? [] : ["classNames (add them if they are not the data's)"]),
  ];
  return `\n\n${path} is written; see to: ${left.join(", ")}`;
}

function inspect(file: string, model: OnnxModel): Inspection {
  const counts = new Map<string, number>();
  for (const { operator } of model.nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return {
    file,
    producer: model.producer,
    opset: model.opset,
    weights: [...model.constants.values()].reduce((sum, { data }) => sum + data.length, 0),
    inputs: model.inputs,
    outputs: model.outputs,
    operators: Object.fromEntries([...counts].toSorted()),
    unsupported: unsupportedNodes(model),
    adapter: suggestAdapter(model),
    metadata: Object.fromEntries(model.metadata),
  };
}

function describe(found: Inspection): string {
  const { file, producer, opset, weights, inputs, outputs, operators, unsupported } = found;
  const value = (what: string) => ({ name, type, dims }: OnnxValueInfo) => [
    what,
    name,
    type,
    dims ? `[${dims.join(", ")}]` : "any shape",
  ];
  const rows = [...inputs.map(value("input")), ...outputs.map(value("output"))];
  const list = Object.entries(operators).map(([name, count]) => `${count} ${name}`).join(", ");
  return [
    `${file}: opset ${opset}, ${weights} numbers in weights${producer && `, by ${producer}`}`,
    textTable([["", "name", "type", "shape"], ...rows]),
    `Operators: ${list}`,
    unsupported.length === 0
      ? "All of them are here."
      : `Not here:\n${unsupported.map((node) => `  ${describeUnsupported(node)}`).join("\n")}`,
    describeAdapter(found.adapter),
  ].join("\n\n");
}

function describeAdapter(
  { logits, probabilities, features, classes, classNames, featureLength, layout, size }:
    SuggestedAdapter,
): string {
  const sized = (count: number | undefined, what: string) =>
    count === undefined ? "" : `, ${count} ${what}`;
  const lines = [
    ["logits", `${logits}${sized(classes, "classes")}`],
    ...(probabilities === undefined
      ? []
      : [["probabilities", `${probabilities}, a softmax: attacks need the logits before it`]]),
    [
      "features",
      features === undefined
        ? "none: no layer has weights"
        : `${features}${sized(featureLength, "numbers")}`,
    ],
    ...(classNames
      ? [[
        "class names",
        `${classNames.slice(0, 5).join(", ")}${classNames.length > 5 ? ", ..." : ""}`,
      ]]
      : []),
    ["layout", layout],
    ["size", size?.join("x") ?? "free: to be told"],
    [
      "to be told",
      `mean and standard deviation of its training images, range of its pixels${
        classNames ? "" : ", class names"
      }`,
    ],
  ];
  return `As a target (a guess):\n${lines.map(([name, text]) => `  ${name}: ${text}`).join("\n")}`;
}
