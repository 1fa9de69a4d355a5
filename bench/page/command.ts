/**
 * `deno task bench page`: how fast an exported page is on each engine of a browser.
 *
 * @module
 */
import type { Command } from "commander";
import { join, resolve } from "node:path";
import { beginOutput, type Context, folder, wholeNumber } from "../../cli/commands/options.ts";
import { type Engine, ENGINES } from "../../cli/page/browser/engines.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { formatJson } from "../../cli/system/json.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { type Browser, startChromium } from "./chromium.ts";
import { drivePage } from "./drive_page.ts";

/** Restorations and steps that are measured, after as many that are not. */
const ROUNDS = 3;

interface PageBenchOptions {
  readonly runs: string;
  readonly patience: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** What an engine took, in ms. */
export interface EngineTimes {
  readonly engine: Engine;
  /** Until everything was loaded, a restored image and a gradient compared. */
  readonly ready: number;
  /** The median of a restoration with the target's outputs before and behind it. */
  readonly restoration: number;
  /** A step of PGD on the target alone, and through the whole system. */
  readonly step: { readonly target: number; readonly system: number };
  /** The greatest difference of a restored image from the command line's. */
  readonly difference: number;
}

/** What is written. */
export interface PageResult {
  readonly version: 1;
  readonly kind: "page";
  readonly date: string;
  readonly browser: string;
  /** `[H, W]` of the images. */
  readonly size: readonly [number, number];
  readonly bytes: number;
  readonly engines: readonly EngineTimes[];
  /** The machine's over the last minute, before the browser began: what else ran. */
  readonly load: number;
  readonly environment: object;
}

/** Adds the command. */
export function addPageBench(program: Command, context: Context): void {
  program.command("page")
    .description("measure the page of a run in Chromium: ready, restoration, step of PGD")
    .argument("<run>", 'a run: its ID or the start of it, a path, or "latest"')
    .option("--runs <dir>", "folder of all runs", folder, "runs")
    .option("--patience <s>", "longest wait for an answer of the page", wholeNumber(1), 300)
    .option("--out <file>", "write the figures as JSON")
    .option("--json", "print the result as one JSON document, everything else to standard error")
    .addHelpText(
      "after",
      `
Chromium is the program that REALIGN_CHROMIUM names, or "chromium". Without a graphics processor, webgl and webgpu are
run by a program (SwiftShader).

Examples:
  deno task bench page latest --out bench/results/page.json`,
    )
    .action(async (run: string, options: PageBenchOptions) => {
      const output = beginOutput(options, context);
      const result = await measure(run, options, (line) => output.note(line));
      if (options.out !== undefined) await writeSafely(options.out, `${formatJson(result)}\n`);
      output.result(result, result.engines.map(textOf).join("\n"));
    });
}

function textOf({ engine, ready, restoration, step }: EngineTimes): string {
  return `${engine}: ready in ${ready} ms, a restoration ${restoration} ms, a step ${step.target} ms on the target, ${step.system} ms through the system`;
}

async function measure(
  run: string,
  { runs, patience }: PageBenchOptions,
  note: (line: string) => void,
): Promise<PageResult> {
  const out = await Deno.makeTempDir();
  try {
    const args = ["task", "--quiet", "export", run, "--runs", resolve(runs), "--format", "web"];
    const export_ = new Deno.Command(Deno.execPath(), {
      args: [...args, "--out", out],
      ...{ stdin: "null", stdout: "null", stderr: "inherit" },
    });
    if (!(await export_.output()).success) throw new Error("Cannot measure a page without one");
    const file = join(out, "index.html");
    const [load] = Deno.loadavg();
    await using browser = await startChromium();
    const engines: EngineTimes[] = [];
    let size: readonly [number, number] | undefined;
    for (const engine of ENGINES) {
      const [times, images] = await measureEngine(browser, file, engine, 1000 * patience);
      size = images;
      engines.push(times);
      note(textOf(times));
    }
    return {
      ...{ version: 1, kind: "page", date: new Date().toISOString().slice(0, 16) },
      ...{ browser: browser.version, size: size!, bytes: (await Deno.stat(file)).size, engines },
      load: Number(load.toFixed(1)),
      environment: await readEnvironment(),
    };
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

async function measureEngine(
  browser: Browser,
  file: string,
  engine: Engine,
  patience: number,
): Promise<[EngineTimes, readonly [number, number]]> {
  const page = await drivePage(browser, file, { engine, patience });
  const looks: number[] = [];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const { milliseconds } = await page.look(0);
    if (round >= ROUNDS) looks.push(milliseconds!);
  }
  const stepOf = async (attacked: "target" | "system") => {
    const settings = { attacked, epsilon: 8, steps: ROUNDS };
    await page.attack(settings);
    const { attack } = await page.attack(settings);
    return rounded(attack!.milliseconds / attack!.steps);
  };
  const step = { target: await stepOf("target"), system: await stepOf("system") };
  const size = await page.tab.evaluate<[number, number]>(
    `JSON.parse(document.getElementById("embedded-content").textContent).size`,
  );
  await page.close();
  const { milliseconds, difference } = page.ready;
  const restoration = rounded(looks.sort((a, b) => a - b)[Math.floor(looks.length / 2)]);
  return [{ engine, ready: rounded(milliseconds), restoration, step, difference }, size];
}

const rounded = (milliseconds: number) => Number(milliseconds.toPrecision(3));
