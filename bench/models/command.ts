/**
 * `deno task bench models`: models of torchvision and timm as targets, beside PyTorch.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { join } from "node:path";
import { beginOutput, type Context, wholeNumber } from "../../cli/commands/options.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { formatJson } from "../../cli/system/json.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { modelsTable } from "../documents/models_table.ts";
import { Side } from "../speed/side.ts";
import { type MeasuredModel, measureModel, type MeasuringTeam } from "./measure.ts";
import type { ModelResult, ModelsResult } from "./result.ts";

/** As bench/models/peers/main.py names them. */
const MODELS: readonly MeasuredModel[] = [
  ...[
    "torchvision resnet18",
    "torchvision resnet50",
    "torchvision mobilenet_v3_large",
    "torchvision efficientnet_b0",
    "torchvision convnext_tiny",
    "torchvision swin_t",
    "timm vit_tiny_patch16_224",
    "timm convnext_tiny",
  ].map((name) => ({ name, batch: 4, size: 224 })),
  ...[
    "torchvision deeplabv3_resnet50",
    "torchvision fcn_resnet50",
    "torchvision lraspp_mobilenet_v3_large",
  ].map((name) => ({ name, batch: 2, size: 224 })),
  { name: "torchvision ssd300_vgg16 heads", batch: 1, size: 300 },
  { name: "torchvision retinanet_resnet50_fpn heads", batch: 1, size: 256 },
];

const EXPORTERS = ["legacy", "dynamo"];

interface ModelsOptions {
  readonly python: string;
  readonly only?: RegExp;
  readonly exporter?: string;
  readonly batch?: number;
  readonly rounds: number;
  readonly threads: number;
  readonly compile: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addModels(program: Command, context: Context): void {
  const cores = navigator.hardwareConcurrency;
  program.command("models")
    .description("read models that PyTorch exported: outputs, gradients, time of an input gradient")
    .option(
      "--python <path>",
      "a Python with torch, torchvision, timm, onnx, onnxscript; onnxruntime is asked if it is there",
      Deno.env.get("REALIGN_PYTHON") ?? "python3",
    )
    .option("--only <pattern>", "models whose name matches", patternOf)
    .option("--exporter <name>", "legacy or dynamo; both if left out", exporterOf)
    .option("--batch <n>", "images at once; by the model if left out", wholeNumber(1))
    .option("--rounds <n>", "turns of each side; the best counts", wholeNumber(1), 7)
    .option("--threads <n>", "threads of each side", wholeNumber(1, cores), cores)
    .option("--no-compile", "without torch.compile")
    .option("--out <file>", "the figures as JSON", "bench/results/models.json")
    .option("--json", "print the result as one JSON document, everything else to standard error")
    .addHelpText(
      "after",
      `
Weights are drawn with a seed. PyTorch runs in channels_last, eager and compiled; all sides take turns. Use an idle
machine. deno task readme writes bench/results/models.json into the documents.

Examples:
  deno task bench models --python venv/bin/python
  deno task bench models --only resnet18 --rounds 3 --out resnet18.json`,
    )
    .action(async (options: ModelsOptions) => {
      const output = beginOutput(options, context);
      const folder = await Deno.makeTempDir({ prefix: "realign-models-" });
      try {
        // Each model's figures are kept as soon as they are there.
        const save = (result: ModelsResult) => writeSafely(options.out, `${formatJson(result)}\n`);
        const result = await measure(folder, options, save, (line) => output.note(line));
        output.result(result, `${modelsTable(result)}\n${options.out}`);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
}

async function measure(
  folder: string,
  { python, only = /./, exporter, batch, rounds, threads, compile }: ModelsOptions,
  save: (result: ModelsResult) => Promise<void>,
  notify: (message: string) => void,
): Promise<ModelsResult> {
  const [loadBefore] = Deno.loadavg();
  const chosen = MODELS.filter(({ name }) => only.test(name));
  const script = join(import.meta.dirname!, "peers/main.py");
  const main = join(import.meta.dirname!, "ours.ts");
  const models: ModelResult[] = [];
  const skipped: Record<string, string> = {};
  let versions: Record<string, unknown> = {};
  const environment = await readEnvironment(threads);
  const found = (): ModelsResult => ({
    ...{ version: 1, kind: "models", quick: rounds < 5, threads, models, skipped, versions },
    date: new Date().toISOString().slice(0, 16),
    load: [loadBefore, Deno.loadavg()[0]],
    environment,
  });
  for (const model of chosen) {
    // New processes for each, so that none pays for the memory of another.
    await using ours = Side.start({
      ...{ name: "realign", command: Deno.execPath(), threads },
      args: [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-ffi",
        "--allow-sys",
        "--allow-env",
        main,
      ],
    });
    await using torch = Side.start({
      name: "torch",
      command: python,
      threads,
      args: ["-B", script],
    });
    versions = { ...versions, ...await ours.ask<object>({ do: "start", threads }) };
    versions = { ...versions, ...await torch.ask<object>({ do: "versions" }) };
    const team: MeasuringTeam = {
      ...{ ours, torch, threads, folder, notify },
      turns: { rounds, count: 3 },
      modes: compile ? ["eager", "compile"] : ["eager"],
      exporters: EXPORTERS.filter((name) => exporter === undefined || name === exporter),
    };
    try {
      models.push(await measureModel(batch === undefined ? model : { ...model, batch }, team));
      notify(lineOf(models.at(-1)!));
    } catch (error) {
      skipped[model.name] = (error as Error).message.split("\n")[0];
      notify(`${model.name}: ${skipped[model.name]}`);
    }
    await save(found());
  }
  return found();
}

/** What was found of a model, in short. */
function lineOf({ name, torchSeconds, exports }: ModelResult): string {
  const times = Object.entries(torchSeconds).map(([mode, { min }]) => `${mode} ${ms(min)}`);
  const own = Object.entries(exports).map(([exporter, { seconds, ratio, reason }]) =>
    seconds ? `${exporter} ${ms(seconds.min)}, ${ratio!.toFixed(2)} times as fast` : reason
  );
  return `${name}: ${[...times, ...own].join("; ")}`;
}

const ms = (seconds: number) => `${Math.round(1000 * seconds)} ms`;

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new InvalidArgumentError("It must be a regular expression.");
  }
}

function exporterOf(text: string): string {
  if (EXPORTERS.includes(text)) return text;
  throw new InvalidArgumentError("It must be legacy or dynamo.");
}
