/**
 * `deno task bench [NAME...]`: our side and the peers' in turn.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { join, resolve } from "node:path";
import { readEnvironment } from "../../cli/system/environment.ts";
import { UsageError } from "../../cli/system/failure.ts";
import { makeFolder, sha256, writeSafely } from "../../cli/system/safe_file.ts";
import { resolvePreset } from "../../cli/commands/open_run.ts";
import {
  type Context,
  wholeNumber,
  withOutput,
  type WorkOptions,
} from "../../cli/commands/options.ts";
import { Output } from "../../cli/terminal/output.ts";
import { formatDuration } from "../../cli/terminal/progress.ts";
import { didYouMean } from "@realign/core";
import { benches, defaultBenches } from "./table.ts";
import { providePython } from "./peers.ts";
import { scalingPlot } from "./plot.ts";
import { type BenchResult, keptResult, saveResult } from "./result.ts";
import { summaryTable } from "./summary.ts";
import type { BenchContext } from "./team.ts";

interface BenchOptions {
  readonly preset: string;
  readonly threads: number;
  readonly quick?: boolean;
  readonly again?: boolean;
  readonly data?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Makes a program measure when it is called without a command. */
export function addBenches(program: Command, context: Context): void {
  const cores = navigator.hardwareConcurrency;
  withOutput(program)
    .argument(
      "[name...]",
      `any of ${Object.keys(benches).join(", ")}; default: all but those that run only by name`,
    )
    .option("--preset <name>", "preset to measure", "cls-cifar10-small")
    .option("--threads <n>", "threads of each side", threadCount(cores), cores)
    .option("--quick", "few rounds, to check that everything runs; ignore the figures")
    .option("--again", "repeat measurements already made at this commit")
    .option(
      "--data <dir>",
      "folder of the preset's dataset, for autoattack-data; defenses counts its images",
    )
    .option(
      "--out <dir>",
      "folder of the results (default: bench/results, with --quick .cache/bench)",
    )
    .addHelpText(
      "after",
      `
Each side is its own process; runs alternate A B A B, and the other side is idle. Before anything is
timed, both must produce the same numbers. Results from the same commit are kept, so the same command
continues where it was stopped. Peers: REALIGN_PYTHON, or a virtual environment created once.

Only by name: defenses, what each defense of the paper's comparison costs beside G. It has no peers and needs no
Python; with --data, or --dataset.trainExamples=N, whole trainings are counted in steps too.

Examples:
  deno task bench
  deno task bench step attack --again
  deno task bench step-256 networks boxes
  deno task bench defenses --data DIR
  deno task bench defenses --preset seg-camvid-small --dataset.trainExamples=120 --out DIR
  deno task bench autoattack-data --data DIR --target.architecture=resnet20 --target.weights=FILE
  deno task bench --quick
  deno task bench paper --help`,
    )
    .action(async (names: string[], options: BenchOptions) => {
      const output = new Output(options.json ?? false);
      const results = await measure(names, options, context, output);
      output.result(results, summaryTable(results));
    });
}

async function measure(
  names: readonly string[],
  options: BenchOptions,
  { overrides }: Context,
  output: Output,
): Promise<BenchResult[]> {
  const { quick = false, threads, data } = options;
  for (const name of names) {
    if (!Object.hasOwn(benches, name)) {
      throw new UsageError(
        `Cannot find the bench "${name}": ${didYouMean(name, Object.keys(benches))}`,
      );
    }
    if (!benches[name].needsData || data !== undefined) continue;
    throw new UsageError(`Cannot run the bench "${name}" as it has no data: add --data DIR`);
  }
  const wanted = names.length > 0 ? names : defaultBenches(data);
  const { preset } = await resolvePreset(options.preset, {} as WorkOptions, { overrides });
  const settings = sha256(new TextEncoder().encode(JSON.stringify(preset)));
  const out = resolve(
    options.out ?? (quick ? ".cache/bench" : join(import.meta.dirname!, "../results")),
  );
  const { backend: _, ...environment } = await readEnvironment(threads);
  const { realign, deno, tfjs, threads: __, commit, ...machine } = environment;
  await makeFolder(out);
  const folder = await Deno.makeTempDir();
  const results: BenchResult[] = [];
  try {
    const notify = (message: string) => output.note(message);
    const context: BenchContext = { preset, quick, threads, data, folder, notify };
    let python: string | undefined;
    for (const name of wanted) {
      const kept = options.again
        ? undefined
        : await keptResult(out, name, { quick, threads, commit, preset: settings });
      if (kept) {
        output.note(`${name}: kept from ${kept.date}; --again repeats it`);
        results.push(kept);
        continue;
      }
      const { title, run, hasPeers = true } = benches[name];
      if (hasPeers) python ??= await providePython(notify);
      output.note(`${name}: ${title}`);
      const begun = performance.now();
      const load = Deno.loadavg();
      const { versions, failed = {}, ...body } = await run({ ...context, python });
      const result: BenchResult = {
        version: 1,
        kind: "bench",
        name,
        title,
        quick,
        threads,
        date: new Date().toISOString().slice(0, 16),
        ...body,
        failed,
        versions: { realign, deno, tfjs, ...versions },
        machine: { ...machine, cores: navigator.hardwareConcurrency, loadBefore: load },
        commit,
        preset: settings,
      };
      await saveResult(out, result);
      if (name === "scaling") {
        await writeSafely(join(out, "bench-scaling.svg"), await scalingPlot(result));
      }
      results.push(result);
      output.note(`${name}: ${formatDuration((performance.now() - begun) / 1000)}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return results;
}

function threadCount(cores: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(1)(text);
    if (value <= cores) return value;
    throw new InvalidArgumentError(`There are ${cores} processors.`);
  };
}
