/**
 * `deno task bench workers`: two workers beside one process, and what kills cost.
 *
 * @module
 */
import classification from "@realign/classification";
import type { Command } from "commander";
import { join } from "node:path";
import { beginOutput, type Context, wholeNumber } from "../../cli/commands/options.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { formatJson } from "../../cli/system/json.ts";
import { freeAddresses } from "../../cli/system/local_cluster.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { survive } from "./kills.ts";
import { apart, together, type Workload } from "./measure.ts";
import { figuresOf, type StepTimes, type WorkersResult } from "./result.ts";

const cifar10Small = classification.presets["cls-cifar10-small"];

/** Images of a step. */
const BATCH = 64;

interface WorkersOptions {
  readonly rounds: number;
  readonly kills: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** The whole step of cls-cifar10-small's networks, on drawn pictures. */
const NETWORKS: readonly string[] = [
  "cls-shapes",
  "--architecture=wrn-10-2",
  `--generator.width=${cifar10Small.generator.width}`,
  `--generator.blocks=${cifar10Small.generator.blocks}`,
  `--discriminator.width=${cifar10Small.discriminator.width}`,
  `--perceptual.width=${cifar10Small.perceptual.width}`,
];

/** A run of seconds, at rates at which rounding does not grow. */
const KILLED: readonly string[] = [
  "cls-shapes",
  "--target-steps=10",
  "--steps=600",
  "--dataset.trainExamples=60",
  "--target.train.batchSize=12",
  "--train.batchSize=12",
  "--train.checkpointEvery=5",
  "--attack.steps=1",
  "--target.train.schedule.peak=1e-4",
  "--train.schedule.peak=1e-6",
  "--generator.width=4",
  "--generator.blocks=1",
  "--discriminator.width=4",
  "--perceptual.width=4",
];

/** Adds the command. */
export function addWorkersBench(program: Command, context: Context): void {
  program.command("workers")
    .description("measure two workers beside one process, one thread each, and kill some")
    .option("--rounds <n>", "measurements of each", wholeNumber(1), 5)
    .option(
      "--kills <n>",
      "random kills of a run, which must come to the same end",
      wholeNumber(0),
      20,
    )
    .option("--out <file>", "write the figures as JSON")
    .option("--json", "print the result as one JSON document, everything else to standard error")
    .addHelpText(
      "after",
      `
Examples:
  deno task bench workers --out workers.json
  deno task bench workers --rounds 1 --kills 0`,
    )
    .action(async (options: WorkersOptions) => {
      const output = beginOutput(options, context);
      const result = await measure(options, (line) => output.note(line));
      if (options.out !== undefined) await writeSafely(options.out, `${formatJson(result)}\n`);
      const { speedup, exchangeShare } = figuresOf(result.times);
      const { kills } = result;
      const killed = kills
        ? `; ${kills.count} kills: ${kills.repeated} steps computed again, weights ${
          kills.distance.toExponential(1)
        } apart`
        : "";
      output.result(
        result,
        `two workers: ${speedup.toFixed(2)} times the images a second, ${
          (100 * exchangeShare).toFixed(0)
        } % of a step is exchange${killed}`,
      );
    });
}

async function measure(
  { rounds, kills }: WorkersOptions,
  note: (line: string) => void,
): Promise<WorkersResult> {
  const folder = await Deno.makeTempDir({ prefix: "realign-workers-" });
  try {
    const steps = ["--steps=20", "--target-steps=2", "--attack.steps=1"];
    const data = [`--dataset.trainExamples=${2 * BATCH}`, "--target.train.batchSize=32"];
    const work: Workload = { words: [...NETWORKS, ...steps, ...data], batchSize: BATCH };
    const times = { one: [], two: [], apart: [] } as Record<keyof StepTimes, number[]>;
    for (let round = 0; round < rounds; round++) {
      times.one.push(await together(work, 1, folder));
      times.two.push(await together(work, 2, folder));
      times.apart.push(await apart(work, folder));
      const [one, two, apartFrom] = [times.one, times.two, times.apart].map((all) => all[round]);
      note(
        `round ${round + 1}: ${one.toFixed(3)} s alone, ${two.toFixed(3)} s by two, ${
          apartFrom.toFixed(3)
        } s without exchange`,
      );
    }
    return {
      version: 1,
      kind: "workers",
      date: new Date().toISOString().slice(0, 16),
      batchSize: BATCH,
      command: `train ${work.words.join(" ")} --train.batchSize=${BATCH} --threads 1`,
      times,
      ...await timeSums(),
      ...(kills > 0 && { kills: await survive(KILLED, kills, join(folder, "kills"), note) }),
      environment: await readEnvironment(),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Times sums of two processes. */
async function timeSums(): Promise<Pick<WorkersResult, "sums" | "gradientBytes">> {
  const addresses = freeAddresses(2);
  const program = join(import.meta.dirname!, "sums.ts");
  const children = addresses.map((_, index) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--allow-read", "--allow-write", "--allow-ffi"],
        ...["--allow-run=python3", "--allow-sys=cpus", "--allow-env", program],
        ...[String(index), ...addresses],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn()
  );
  const [first] = await Promise.all(children.map((child) => child.output()));
  const decoder = new TextDecoder();
  if (first.code !== 0) throw new Error(`Cannot time sums: ${decoder.decode(first.stderr)}`);
  return JSON.parse(decoder.decode(first.stdout));
}
