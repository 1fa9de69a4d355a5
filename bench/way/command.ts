/**
 * `deno task bench way`: types the commands of docs/defend_your_model.md, and times each.
 *
 * @module
 */
import { parseEvaluation } from "../../cli/runs/evaluation_file.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { UsageError } from "../../cli/system/failure.ts";
import { formatJson } from "../../cli/system/json.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { beginOutput, type Context } from "../../cli/commands/options.ts";
import { openDataset } from "@realign/datasets";
import type { Command } from "commander";
import { cp, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { blocksOf, commandsOf } from "../../tests/documents.ts";
import { toKeep } from "../documents/keep_result.ts";
import { PAGE, type TimedStep, type WayResult } from "./result.ts";

const root = resolve(import.meta.dirname!, "../..");

interface WayOptions {
  readonly images: string;
  readonly weights: string;
  readonly empty?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addWay(program: Command, context: Context): void {
  program.command("way")
    .description(`type the commands of ${PAGE} in an empty folder, and time each`)
    .requiredOption("--images <dir>", "class folders; they stand for the page's images")
    .requiredOption("--weights <file>", "the target's weights; they stand for mine.safetensors")
    .option("--empty", "with empty caches, as on a machine that has never run Realign")
    .addHelpText(
      "after",
      `
The commands are those of the page's sh blocks, with its architecture, size and normalisation: change them there
for other weights. The result is bench/results/way.json; deno task readme writes it into the page.

Examples:
  deno task bench way --images DIR --weights FILE --empty`,
    )
    .action(async (options: WayOptions) => {
      const output = beginOutput(options, context);
      const folder = await Deno.makeTempDir({ prefix: "realign-way-" });
      try {
        const result = await walk(folder, options, (line) => output.note(line));
        const path = join(root, "bench/results/way.json");
        await writeSafely(path, `${formatJson(result)}\n`);
        output.result(result, path);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
}

/** Types every command of the page. */
async function walk(
  folder: string,
  { images, weights, empty = false }: WayOptions,
  note: (line: string) => void,
): Promise<WayResult> {
  const work = join(folder, "work");
  await mkdir(work);
  await cp(images, join(work, "images"), { recursive: true });
  await cp(weights, join(work, "mine.safetensors"));
  const bin = join(folder, "installed", "bin");
  const env = {
    DENO_INSTALL_ROOT: join(folder, "installed"),
    XDG_CONFIG_HOME: join(folder, "configuration"),
    ...(empty && {
      DENO_DIR: join(folder, "deno"),
      XDG_CACHE_HOME: join(folder, "cache"),
    }),
  };
  const page = await Deno.readTextFile(join(root, PAGE));
  const commands = blocksOf(page).filter(({ kind }) => kind === "sh")
    .flatMap(({ code }) => commandsOf(code));
  const steps: TimedStep[] = [];
  for (const command of commands) {
    note(command);
    const [load] = Deno.loadavg();
    const begun = performance.now();
    // Only the installation is typed in the clone.
    const cwd = command.startsWith("deno ") ? root : work;
    const { code } = await new Deno.Command("bash", {
      args: ["-c", `PATH="$0:$PATH"\n${command}`, bin],
      cwd,
      env,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (code !== 0) throw new Error(`Cannot go on as a command failed with ${code}: ${command}`);
    steps.push({ command, seconds: (performance.now() - begun) / 1000, load });
  }
  return {
    version: 1,
    kind: "way",
    date: new Date().toISOString().slice(0, 16),
    command: `deno task bench way --images DIR --weights FILE${empty ? " --empty" : ""}`,
    empty,
    images: await countImages(join(work, "images")),
    steps: steps.map((step) => ({ ...step, seconds: Number(step.seconds.toFixed(1)) })),
    evaluation: await readEvaluation(join(work, "runs")),
    ...await machineFacts(),
  };
}

async function countImages(root: string): Promise<WayResult["images"]> {
  const [train, test] = await Promise.all(
    (["train", "test"] as const).map((split) =>
      openDataset("folder", split, { root, size: [8, 8] })
    ),
  );
  return { train: train.length, test: test.length, classes: train.classNames.length };
}

/** The evaluation of the only run. */
async function readEvaluation(runs: string) {
  const [run] = Array.from(Deno.readDirSync(runs)).filter(({ isDirectory }) => isDirectory);
  if (run === undefined) throw new UsageError(`Cannot find a run: ${PAGE} does not train`);
  const read = async (file: string) =>
    JSON.parse(await Deno.readTextFile(join(runs, run.name, file)));
  const value = await read("evaluation.json");
  return toKeep(parseEvaluation(value, "evaluation.json", await read("run.json")));
}

async function machineFacts(): Promise<Pick<WayResult, "machine" | "commit">> {
  const { cpu, memoryGiB, platform, deno, realign, commit } = await readEnvironment();
  const cores = navigator.hardwareConcurrency;
  return { machine: { cpu, cores, memoryGiB, platform, deno, realign }, commit };
}
