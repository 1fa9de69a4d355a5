/**
 * `deno task bench elsewhere`: a network of PyTorch is defended, exported, and run in onnxruntime.
 *
 * @module
 */
import { formatSafetensors } from "@realign/core";
import { openDataset } from "@realign/datasets";
import type { Command } from "commander";
import { join, resolve } from "node:path";
import { beginOutput, type Context, wholeNumber } from "../../cli/commands/options.ts";
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { formatJson } from "../../cli/system/json.ts";
import { makeFolder, readIfThere, writeSafely } from "../../cli/system/safe_file.ts";
import { missingIn } from "../speed/peers.ts";
import { compareAnswers, type ElsewhereResult } from "./result.ts";

const root = resolve(import.meta.dirname!, "../..");
const PRESET = "cls-tiny-imagenet-small";
const ATTACK = "oblivious-pgd";

interface ElsewhereOptions {
  readonly data: string;
  readonly work: string;
  readonly epochs: number;
  readonly json?: boolean;
}

/** Adds the command. */
export function addElsewhere(program: Command, context: Context): void {
  program.command("elsewhere")
    .description("train torchvision's ResNet-18 by PyTorch, defend it here, run it in onnxruntime")
    .requiredOption("--data <dir>", "Tiny ImageNet, or a part of its classes, in its layout")
    .option("--work <dir>", "folder for the models and the run; what is there is used", "elsewhere")
    .option("--epochs <n>", "of PyTorch's training", wholeNumber(1), 40)
    .option("--json", "print the result as one JSON document, everything else to standard error")
    .addHelpText(
      "after",
      `
The Python that REALIGN_PYTHON names needs torch, torchvision, onnx, onnxruntime and Pillow. The result is
bench/results/elsewhere.json.

Examples:
  deno task bench elsewhere --data DIR`,
    )
    .action(async (options: ElsewhereOptions) => {
      const output = beginOutput(options, context);
      const result = await measure(options, (line) => output.note(line));
      const path = join(root, "bench/results/elsewhere.json");
      await writeSafely(path, `${formatJson(result)}\n`);
      output.result(result, path);
    });
}

async function measure(
  { data, work, epochs }: ElsewhereOptions,
  note: (line: string) => void,
): Promise<ElsewhereResult> {
  await makeFolder(work);
  const python = Deno.env.get("REALIGN_PYTHON") ?? "python3";
  const missing = await missingIn(python, PACKAGES);
  if (missing !== "") {
    throw new Error(
      `Cannot train a network by ${python} as it has no ${missing}: install ${
        PACKAGES.join(", ")
      }, and name that Python by REALIGN_PYTHON`,
    );
  }
  const at = (name: string) => join(resolve(work), name);
  const model = at("resnet18.onnx");
  const realign = (...args: string[]) =>
    run(Deno.execPath(), ["task", "--quiet", ...args, "--runs", at("runs"), "--data", data], note);
  if (!await readIfThere(at("training.json"))) {
    const script = join(import.meta.dirname!, "resnet18.py");
    const answer = await run(python, [script, data, model, `${epochs}`], note, { read: true });
    await writeSafely(at("training.json"), answer);
  }
  const training = JSON.parse(await Deno.readTextFile(at("training.json")));
  if (!await readIfThere(at("trained"))) {
    await realign("train", PRESET, "--target", model, "--mean", MEAN, "--std", DEVIATION);
    await realign("evaluate", "latest", "--save-adversarial", at("adversarial"));
    await writeSafely(at("trained"), "");
  }
  for (const what of ["defense", "target", "system"]) {
    const place = ["--what", what, "--out", at(what), "--replace"];
    await realign("export", "latest", "--format", "onnx", ...place);
  }
  const labels = await writeClean(data, at("clean.safetensors"));
  const spec = {
    images: {
      clean: at("clean.safetensors"),
      adversarial: at(`adversarial/${ATTACK}.safetensors`),
    },
    chains: {
      "the file of PyTorch": [model],
      "the target as exported": [at("target/model.onnx")],
      "the defense as exported, then the file of PyTorch": [at("defense/model.onnx"), model],
      "the system as exported": [at("system/model.onnx")],
    },
  };
  const script = join(import.meta.dirname!, "answers.py");
  const answers = await run(python, [script], note, { read: true, input: JSON.stringify(spec) });
  const [runFolder] = Array.from(Deno.readDirSync(at("runs")), ({ name }) => name).sort().slice(-1);
  const kept = async (file: string) =>
    JSON.parse(await Deno.readTextFile(join(at("runs"), runFolder, file)));
  const evaluation = parseEvaluation(
    await kept("evaluation.json"),
    "evaluation.json",
    await kept("run.json"),
  );
  const { cpu, memoryGiB, platform, deno, realign: version, commit } = await readEnvironment();
  return {
    version: 1,
    kind: "elsewhere",
    date: new Date().toISOString().slice(0, 16),
    preset: PRESET,
    images: labels.length,
    pytorch: { accuracy: training.accuracy, epochs },
    rows: compareAnswers(JSON.parse(answers), labels, evaluation),
    environment: { cpu, memoryGiB, platform, deno, realign: version, commit },
  };
}

/** What the scripts import. */
const PACKAGES = ["torch", "torchvision", "onnx", "onnxruntime", "PIL"];

/** ImageNet's mean and deviation, as the script has them. */
const MEAN = "0.485,0.456,0.406";
const DEVIATION = "0.229,0.224,0.225";

/** Writes the test images as the evaluation reads them; gives their classes. */
async function writeClean(data: string, path: string): Promise<readonly number[]> {
  const dataset = await openDataset("tiny-imagenet", "test", { root: data, size: [64, 64] });
  const { length, size: [height, width] } = dataset;
  const pixels = new Float32Array(length * height * width * 3);
  const labels: number[] = [];
  for (let index = 0; index < length; index++) {
    const { picture, annotation } = await dataset.read(index);
    pixels.set(
      Float32Array.from(picture.pixels, (value) => value / 255),
      index * height * width * 3,
    );
    labels.push(annotation.class);
  }
  const images = { shape: [length, height, width, 3], data: pixels };
  await writeSafely(path, formatSafetensors(new Map([["x_adv", images]]), {}));
  return labels;
}

/** Runs a program; its standard output is shown unless it is read. */
async function run(
  program: string,
  args: readonly string[],
  note: (line: string) => void,
  { read = false, input }: { readonly read?: boolean; readonly input?: string } = {},
): Promise<string> {
  note([program.split("/").at(-1), ...args].join(" "));
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: root,
    stdin: input === undefined ? "null" : "piped",
    stdout: read ? "piped" : "inherit",
    stderr: "inherit",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  if (!read) {
    const { code } = await child.status;
    if (code === 0) return "";
    throw new Error(`Cannot go on as a command failed with ${code}: ${args.join(" ")}`);
  }
  const { code, stdout } = await child.output();
  if (code === 0) return new TextDecoder().decode(stdout);
  throw new Error(`Cannot go on as a command failed with ${code}: ${args.join(" ")}`);
}
