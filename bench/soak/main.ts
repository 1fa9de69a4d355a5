/**
 * `deno task soak --hours 2`: uses the program in one process for hours, and fails if it holds more at
 * the end than at the start.
 *
 * @module
 */
import { Command, InvalidArgumentError } from "commander";
import { formatJson } from "../../cli/system/json.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { formatDuration, Progress } from "../../cli/terminal/progress.ts";
import { compareEnds, type Ends } from "./flat.ts";
import { type Held, measureHeld } from "./process_memory.ts";
import { playRound, presets } from "./rounds.ts";

/** Samples that a result keeps; the comparison takes all. */
const KEPT = 120;

/** What is written of a soak. */
export interface SoakResult {
  readonly version: 1;
  readonly hours: number;
  readonly rounds: number;
  readonly commands: number;
  readonly flat: boolean;
  readonly ends: Partial<Record<keyof Held, Ends>>;
  /** After a round each, some left out where there are many. */
  readonly samples: readonly (Held & { readonly minutes: number })[];
  readonly environment: object;
}

/** Plays rounds until the time is over. */
async function soak(hours: number, out: string): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "realign-soak-" });
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 60_000;
  const samples: (Held & { minutes: number })[] = [];
  let commands = 0;
  let flat = false;
  try {
    using progress = new Progress().start("soak", Math.ceil(hours * 60), "minutes");
    do {
      commands += await playRound(folder, presets[samples.length % presets.length]);
      samples.push({ minutes: Number(elapsed().toFixed(2)), ...await measureHeld() });
      progress.update(Math.round(elapsed()), describe(samples.at(-1)!));
      if (samples.length < 6) continue;
      const ends = compareEnds(samples);
      flat = Object.values(ends).every((end) => end.flat);
      const result: SoakResult = {
        version: 1,
        hours: Number((elapsed() / 60).toFixed(2)),
        rounds: samples.length,
        commands,
        flat,
        ends,
        samples: thin(samples),
        environment: await readEnvironment(),
      };
      await writeSafely(out, formatJson(result));
    } while (elapsed() < hours * 60);
    compareEnds(samples); // throws where the time was too short
    console.log(
      `soak: ${samples.length} rounds, ${commands} commands in ${formatDuration(60 * elapsed())}: ${
        flat ? "flat" : "NOT flat"
      }; ${describe(samples.at(-1)!)}; written to ${out}`,
    );
    return flat;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function describe({ native, heap, tensors, handles }: Held): string {
  return `${native.toFixed(0)} MiB native, ${heap.toFixed(0)} MiB heap, ${tensors} tensors${
    handles === undefined ? "" : `, ${handles} open files`
  }`;
}

/** Every n-th sample, so that few enough are left. */
function thin<T>(samples: readonly T[]): T[] {
  const every = Math.ceil(samples.length / KEPT);
  return samples.filter((_, index) => index % every === 0);
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (hours > 0 && Number.isFinite(hours)) return hours;
  throw new InvalidArgumentError("It must be a positive number, e.g. 0.5.");
}

if (import.meta.main) {
  const program = new Command("soak")
    .description(
      "Trains, attacks, evaluates, reports and defends all day in one process; fails if memory, tensors or open files grow.",
    )
    .option("--hours <number>", "how long", parseHours, 2)
    .option("--out <file>", "where the result is written", "bench/results/soak.json")
    .addHelpText(
      "after",
      "\nExamples:\n  deno task soak --hours 2\n  deno task soak --hours 0.1 --out soak.json",
    )
    .parse(Deno.args, { from: "user" });
  const { hours, out } = program.opts<{ hours: number; out: string }>();
  try {
    Deno.exit(await soak(hours, out) ? 0 : 1);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
