/**
 * What tests of the program need: a small preset, and the program as a process of its own.
 *
 * @module
 */
import { adam, type Evaluation, type Preset } from "@realign/core";
import assert from "node:assert/strict";
import { join } from "node:path";
import { main } from "./main.ts";
import { type NewRun, RunStore } from "./runs/run_store.ts";

const schedule = { name: "constant", peak: 2e-4, warmup: 0 } as const;
const pgd = { name: "pgd", epsilon: 0.031, stepSize: 0.0075, steps: 8 } as const;

/** Every setting of a preset, small. */
export const samplePreset: Preset = {
  name: "cls-sample",
  task: "classification",
  seed: 1,
  dataset: { name: "shapes", trainExamples: 32, classes: 0, size: [16, 16] },
  target: {
    architecture: "resnet20",
    size: [16, 16],
    weights: "",
    train: { batchSize: 8, epochs: 1, schedule, optimizer: adam, augmentation: "none" },
  },
  generator: {
    width: 4,
    blocks: 1,
    downsamplings: 1,
    norm: "instance",
    upsampling: "transposed",
    size: [16, 16],
  },
  discriminator: { width: 4, layers: 2, scales: 1 },
  perceptual: { width: 4, weights: "", normalization: "imagenet" },
  losses: {
    setting: "full",
    pixelTarget: "intermediate",
    stopGradient: "none",
    pixelDistance: "absolute",
    margin: 1,
    interClass: "hinge",
    classReduction: "sum",
    weights: {
      reconstruction: 1,
      perceptual: 1,
      adversarial: 1,
      featureMatching: 1,
      task: 1,
      featureReconstruction: 1,
      classAlign: 1,
      classInter: 1,
      classIntra: 1,
    },
  },
  train: {
    batchSize: 8,
    epochs: 1,
    schedule,
    discriminatorSchedule: schedule,
    optimizer: adam,
    discriminatorOptimizer: adam,
    augmentation: "none",
    attackCache: 1,
    averaging: 0,
    checkpointEvery: 2,
  },
  attack: pgd,
  evaluation: {
    batchSize: 8,
    examples: 16,
    systems: {
      jpeg: { defenses: [{ name: "jpeg", quality: 75 }] },
      generator: { defenses: [{ name: "generator" }] },
      "generator+jpeg": { defenses: [{ name: "generator" }, { name: "jpeg", quality: 75 }] },
    },
    threatModels: {
      oblivious: { attacks: { PGD: pgd } },
      whitebox: { attacks: { PGD: pgd }, systems: ["generator"] },
    },
  },
};

const root = join(import.meta.dirname!, "..");

/** Settings of cls-shapes with which a run takes seconds. */
export const TINY: readonly string[] = [
  "--dataset.trainExamples=16",
  "--target.train.batchSize=8",
  "--train.batchSize=8",
  "--generator.width=4",
  "--generator.blocks=1",
  "--discriminator.width=4",
  "--perceptual.width=4",
  "--evaluation.examples=8",
];

/** A configuration folder of the tests' own, for the program in this process and in others. */
const configuration = Deno.makeTempDirSync({ prefix: "realign-config-" });
Deno.env.set("XDG_CONFIG_HOME", configuration);
addEventListener("unload", () => Deno.removeSync(configuration, { recursive: true }));

/** Where a process runs, besides its arguments. */
export interface StartOptions {
  /** Its folder. Default: the repository's, as for the task */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the program as `deno task realign` does, with the permissions of the task. */
export function startRealign(
  args: readonly string[],
  options: StartOptions = {},
): Deno.ChildProcess {
  return startTask("realign", args, options);
}

/** A task that is a program of its own. */
type Task = "realign" | "bench" | "keep-result" | "launch" | "serve";

/** Starts what a task of deno.json starts, with its permissions. */
export function startTask(
  task: Task,
  args: readonly string[],
  options: StartOptions = {},
): Deno.ChildProcess {
  const { cwd = root, env = {} } = options;
  const [, command, ...words] = wordsOf(task);
  const here = words.map((word) => word.endsWith(".ts") ? join(root, word) : word);
  return new Deno.Command(Deno.execPath(), {
    args: [command, "--no-check", ...here, ...args],
    cwd,
    // Tests that run beside this one, in the same process, set the variable too.
    env: { XDG_CONFIG_HOME: configuration, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** The words of the task: deno, run, permissions, the program. */
function wordsOf(task: Task): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(root, "deno.json"))) as {
    tasks: Record<typeof task, { command: string }>;
  };
  return tasks[task].command.split(" ");
}

/** An evaluation of the sample preset, without a figure. */
export const sampleEvaluation: Evaluation = {
  version: 2,
  preset: "cls-sample",
  task: "classification",
  dataset: { name: "shapes", split: "test", digest: "d", count: 8 },
  target: { architecture: "resnet20", digest: "t" },
  seed: 1,
  systems: [
    { name: "none", title: "None (O alone)", role: "undefended", defenses: [] },
    { name: "generator", title: "Generator G", role: "subject", defenses: [{ name: "generator" }] },
  ],
  rows: [],
  warnings: [],
  environment: {},
  seconds: 1,
};

/** What a store of runs is told of a run, with nothing that matters to a test. */
export const sampleRun: NewRun = {
  preset: samplePreset,
  plugin: "",
  data: "",
  steps: {},
  digests: {},
  environment: {},
  warnings: [],
};

/** Gives a test a run's store of its own, which is removed after it. */
export async function withStore<T>(test: (store: RunStore) => Promise<T>): Promise<T> {
  const runs = await Deno.makeTempDir();
  try {
    using store = await RunStore.create(runs, sampleRun, () => {});
    return await test(store);
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
}

/** Runs the program to its end. */
export async function runRealign(
  args: readonly string[],
  options: StartOptions = {},
): Promise<{ code: number; out: string; error: string }> {
  const { code, stdout, stderr } = await startRealign(args, options).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), error: decoder.decode(stderr) };
}

/** Runs a command that must succeed, and gives what it prints. */
export async function succeed(
  args: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const { code, out, error } = await runRealign(args, options);
  assert.equal(code, 0, `${args.join(" ")}\n${error}`);
  return out;
}

/** Runs a command in this process, and gathers what it writes. */
export async function runHere(
  args: readonly string[],
): Promise<{ code: number; out: string; error: string }> {
  const { log, error } = console;
  const written = { out: "", error: "" };
  console.log = (text: string) => written.out += `${text}\n`;
  console.error = (text: string) => written.error += `${text}\n`;
  try {
    const code = await main(args);
    return { code, ...written };
  } finally {
    Object.assign(console, { log, error });
  }
}
