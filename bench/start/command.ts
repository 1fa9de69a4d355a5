/**
 * `deno task bench start`: how long it takes from a command to the first step of a training.
 *
 * @module
 */
import type { Command } from "commander";
import { join } from "node:path";
import { beginOutput, type Context, wholeNumber } from "../../cli/commands/options.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { formatJson } from "../../cli/system/json.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { startRealign, succeed } from "../../cli/testing.ts";
import { spreadOf } from "../speed/statistics.ts";
import type { StartResult } from "./result.ts";

const PRESET = "cls-shapes";
/** Milliseconds between looks at the metrics. */
const EVERY = 5;

interface StartOptions {
  readonly rounds: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addStartBench(program: Command, context: Context): void {
  program.command("start")
    .description("measure the time from a command to the first step of a training")
    .option("--rounds <n>", "starts of each", wholeNumber(1), 7)
    .option("--out <file>", "write the figures as JSON")
    .option("--json", "print the result as one JSON document, everything else to standard error")
    .addHelpText(
      "after",
      `
Examples:
  deno task bench start --out start.json`,
    )
    .action(async (options: StartOptions) => {
      const output = beginOutput(options, context);
      const result = await measure(options.rounds, (line) => output.note(line));
      if (options.out !== undefined) await writeSafely(options.out, `${formatJson(result)}\n`);
      const [target, generator] = [result.target, result.generator].map((all) =>
        spreadOf(all).median.toFixed(2)
      );
      output.result(
        result,
        `first step of O after ${target} s, of G in a run that goes on after ${generator} s`,
      );
    });
}

async function measure(rounds: number, note: (line: string) => void): Promise<StartResult> {
  const folder = await Deno.makeTempDir({ prefix: "realign-start-" });
  try {
    const runs = join(folder, "runs");
    const places = ["--runs", runs, "--cache", join(folder, "cache")];
    // A short training of O, whose adversarial images are then there.
    note("a run whose adversarial images are cached");
    await succeed(["attack", PRESET, "--target.train.epochs=0.3", ...places]);
    const [run] = [...Deno.readDirSync(runs)].map(({ name }) => name);
    const [target, generator]: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const own = join(folder, `new-${round}`);
      const words = ["train", PRESET, "--cache", join(folder, "cache")];
      target.push(await untilStep([...words, "--runs", own], "train-target", own));
      const resume = ["train", "--resume", run, ...places];
      generator.push(await untilStep(resume, "train", runs));
      note(
        `round ${round + 1}: O ${target.at(-1)!.toFixed(2)} s, G ${generator.at(-1)!.toFixed(2)} s`,
      );
    }
    return {
      version: 1,
      kind: "start",
      date: new Date().toISOString().slice(0, 16),
      preset: PRESET,
      target,
      generator,
      environment: await readEnvironment(),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts a command, waits for a new step of a stage, ends it; gives the seconds until then. */
async function untilStep(words: readonly string[], stage: string, runs: string): Promise<number> {
  const before = countSteps(runs, stage);
  const begun = performance.now();
  const child = startRealign(words);
  let open = true;
  const ended = child.output().finally(() => open = false);
  while (open && countSteps(runs, stage) <= before) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
  const seconds = (performance.now() - begun) / 1000;
  if (!open) {
    throw new Error(`Cannot measure: ${new TextDecoder().decode((await ended).stderr).trim()}`);
  }
  child.kill("SIGKILL");
  await ended;
  return seconds;
}

/** Steps of a stage that the only run in a folder has written down. */
function countSteps(runs: string, stage: string): number {
  try {
    const [{ name }] = [...Deno.readDirSync(runs)];
    const text = Deno.readTextFileSync(join(runs, name, "metrics.jsonl"));
    return text.split("\n").filter((line) => line.includes(`"stage":"${stage}",`)).length;
  } catch {
    return 0;
  }
}
