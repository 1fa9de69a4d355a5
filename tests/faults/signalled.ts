/**
 * Processes that are sent signals, and the command that they say goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startTask } from "../../cli/testing.ts";
import { filesIn } from "./small_run.ts";

/** How a process ended that was sent a signal. */
export interface Signalled {
  readonly code: number;
  /** Seconds from the signal to the end. */
  readonly seconds: number;
  readonly out: string;
  readonly error: string;
  /** The words of the command that it says goes on. */
  readonly line: string[];
}

/** What a signal waits for: told what the process has written to standard error so far. */
export type Moment = (error: string, child: Deno.ChildProcess) => boolean | Promise<boolean>;

/** Starts a command, sends a signal at a moment, and waits for the end. */
export async function signalAt(
  args: readonly string[],
  signal: Deno.Signal,
  moment: Moment,
  task: "realign" | "bench" = "realign",
): Promise<Signalled> {
  const child = startTask(task, args);
  const written = { out: "", error: "" };
  let isRunning = true;
  const gather = async (name: "out" | "error", stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const bytes of stream) written[name] += decoder.decode(bytes, { stream: true });
  };
  const ended = Promise.all([
    child.status.finally(() => isRunning = false),
    gather("out", child.stdout),
    gather("error", child.stderr),
  ]);
  while (isRunning && !await moment(written.error, child)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(isRunning, `it ended before the signal: ${args.join(" ")}\n${written.error}`);
  const begun = performance.now();
  child.kill(signal);
  const [{ code }] = await ended;
  const seconds = (performance.now() - begun) / 1000;
  const line = /continue with: (.*)$/m.exec(written.error)?.[1] ?? "";
  return { code, seconds, ...written, line: wordsOf(line) };
}

/** Takes a line apart as a shell does, as far as words and quotes go. */
export function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted, escaped) => quoted ?? escaped)
  );
}

/** When a run has written a line of a stage's metrics. */
export function hasStepped(runs: string, stage: string, least = 1): Moment {
  return async () => await steps(runs, stage) >= least;
}

/** How many steps of a stage are written of, over all runs in a folder. */
export async function steps(runs: string, stage: string): Promise<number> {
  let count = 0;
  for (const name of await filesIn(runs)) {
    if (!name.endsWith("metrics.jsonl")) continue;
    const text = await Deno.readTextFile(join(runs, name)).catch(() => "");
    count += text.split(`{"stage":"${stage}",`).length - 1;
  }
  return count;
}
