/**
 * `deno task bench serve`: how many requests a second a service answers, how fast, and what it holds.
 *
 * @module
 */
import { createRandom } from "@realign/core";
import { encodePng } from "@realign/datasets";
import type { Command } from "commander";
import { resolve } from "node:path";
import { beginOutput, type Context, folder, wholeNumber } from "../../cli/commands/options.ts";
import type { About } from "../../cli/serve/open_engine.ts";
import { readEnvironment } from "../../cli/system/environment.ts";
import { formatJson } from "../../cli/system/json.ts";
import { writeSafely } from "../../cli/system/safe_file.ts";
import { type Load, putLoad } from "./load.ts";

/** Clients at once. */
const CLIENTS = [1, 8, 64];

/** Samples of the memory, over all requests of its measurement. */
const SAMPLES = 10;

interface ServeBenchOptions {
  readonly runs: string;
  readonly requests: number;
  readonly memoryRequests: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** What is written. */
export interface ServeResult {
  readonly version: 1;
  readonly kind: "serve";
  readonly date: string;
  readonly served: About;
  readonly loads: readonly Load[];
  /** MiB of the service's process after so many requests by 8 clients. */
  readonly memory: readonly { readonly requests: number; readonly resident: number }[];
  readonly environment: object;
}

/** Adds the command. */
export function addServeBench(program: Command, context: Context): void {
  program.command("serve")
    .description("measure a service of a run: requests a second, latency, memory")
    .argument("<run>", 'a run: its ID or the start of it, a path, or "latest"')
    .option("--runs <dir>", "folder of all runs", folder, "runs")
    .option("--requests <n>", "requests for each number of clients", wholeNumber(64), 1000)
    .option(
      "--memory-requests <n>",
      "requests over which memory is measured",
      wholeNumber(80),
      10_000,
    )
    .option("--out <file>", "write the figures as JSON")
    .option("--json", "print the result as one JSON document, everything else to standard error")
    .addHelpText(
      "after",
      `
Examples:
  deno task bench serve latest --out serve.json`,
    )
    .action(async (run: string, options: ServeBenchOptions) => {
      const output = beginOutput(options, context);
      const result = await measure(run, options, (line) => output.note(line));
      if (options.out !== undefined) await writeSafely(options.out, `${formatJson(result)}\n`);
      const lines = result.loads.map(({ clients, requestsPerSecond, latency, failed }) =>
        `${clients} clients: ${requestsPerSecond} requests/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms, ${failed} failed`
      );
      const { memory } = result;
      const held = `memory: ${memory[0].resident} MiB after ${memory[0].requests} requests, ${
        memory.at(-1)!.resident
      } MiB after ${memory.at(-1)!.requests}`;
      output.result(result, [...lines, held].join("\n"));
    });
}

async function measure(
  run: string,
  { runs, requests, memoryRequests }: ServeBenchOptions,
  note: (line: string) => void,
): Promise<ServeResult> {
  await using service = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "serve", run, "--runs", resolve(runs), "--port", "0", "--no-predict"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const url = await firstUrl(service.stdout);
  const served: About = await (await fetch(`${url}/ready`)).json();
  const [height, width] = served.size ?? [32, 32];
  const random = createRandom(1, "bench serve");
  const pixels = new Uint8Array(height * width * 3).map(() => Math.floor(256 * random.next()));
  const body = await encodePng({ height, width, pixels }) as Uint8Array<ArrayBuffer>;
  const ask = async () => {
    const response = await fetch(`${url}/v1/restore`, { method: "POST", body });
    await response.arrayBuffer();
    return response.status;
  };
  const loads: Load[] = [];
  for (const clients of CLIENTS) {
    // Batches of every size are recorded first.
    await putLoad(clients, 2 * clients, ask);
    loads.push(await putLoad(clients, requests, ask));
    note(`${clients} clients: ${loads.at(-1)!.requestsPerSecond} requests/s`);
  }
  const memory: { requests: number; resident: number }[] = [];
  for (let sample = 1; sample <= SAMPLES; sample++) {
    await putLoad(8, Math.floor(memoryRequests / SAMPLES), ask);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const bytes = Number(/^process_resident_memory_bytes (\d+)$/m.exec(metrics)![1]);
    memory.push({
      requests: sample * Math.floor(memoryRequests / SAMPLES),
      resident: Math.round(bytes / 2 ** 20),
    });
  }
  service.kill("SIGTERM");
  const date = new Date().toISOString().slice(0, 16);
  const environment = await readEnvironment();
  return { version: 1, kind: "serve", date, served, loads, memory, environment };
}

/** The address in the first line of a service. */
async function firstUrl(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream.values({ preventCancel: true })) {
    text += decoder.decode(bytes, { stream: true });
    const [url] = /http:\S+(?=\n)/.exec(text) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("Cannot measure the service as it ended before it was ready");
}
