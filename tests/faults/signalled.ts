/**
 * Processes that are sent signals, and the command that they say goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { runHere, startTask } from "../../cli/testing.ts";
import { withFolder } from "../../cli/testing_folder.ts";
import { signals } from "./counts.ts";
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

/** Fails unless a process ended as it must. */
export function assertStopped(ended: Signalled, signal: Deno.Signal, ...line: string[]): void {
  assert.equal(ended.code, signal === "SIGINT" ? 130 : 143, ended.error);
  assert.ok(ended.seconds < 2, `${ended.seconds} s: ${ended.error}`);
  assert.equal(ended.out, "");
  // At SIGUSR1 Deno opens its debugger too, and says so.
  const said = ended.error.replaceAll(/^(Debugger listening|Visit chrome:).*\n/gm, "");
  assert.match(said, /^Stopped[^\n]*; continue with: [^\n]*\n$/m);
  assert.doesNotMatch(ended.error, /^(error|warning: .*damaged)|^\s+at /m);
  assert.deepEqual(ended.line.slice(0, line.length), line, ended.error);
}

/** How a command is sent signals. */
export interface Signals {
  readonly args: readonly string[];
  /** When; called before each start, it also looks at how far the work is. */
  readonly moment: () => Moment | Promise<Moment>;
  /** How the line begins that goes on. */
  readonly line: readonly string[];
  readonly task?: "realign" | "bench";
  /** Called after each signal. */
  readonly check?: (ended: Signalled) => Promise<void>;
}

/** Sends a command one signal after the other, each time going on as it says; gives its last words. */
export async function interrupt(
  stage: keyof typeof signals,
  { args, moment, line, task = "realign", check }: Signals,
): Promise<string[]> {
  let words = [...args];
  for (const signal of signals[stage]) {
    const ended = await signalAt(words, signal, await moment(), task);
    assertStopped(ended, signal, ...line);
    await check?.(ended);
    words = ended.line.slice(task === "realign" ? 1 : 3);
  }
  return words;
}

/** Runs a command to its end, which must be a good one. */
export async function finish(words: readonly string[]): Promise<{ out: string; error: string }> {
  const { code, out, error } = await runHere(words);
  assert.equal(code, 0, error);
  return { out, error };
}

/** When a stage of the runs in a folder has made more steps than now. */
export const afterMoreSteps = (runs: string, stage: string, more: number) => async () =>
  hasStepped(runs, stage, await steps(runs, stage) + more);

/** A folder whose name a shell would take apart, and where runs and caches go. */
export const withPlaces = (
  use: (runs: string, places: string[], folder: string) => Promise<void>,
) =>
  withFolder(async (folder) => {
    const runs = join(folder, "my runs, it's $HOME");
    await use(runs, ["--runs", runs, "--cache", join(folder, "my cache")], folder);
  });

/** A test of signals, which Windows has not. */
export const test = (name: string, run: () => Promise<void>) =>
  Deno.test({ name, ignore: Deno.build.os === "windows", fn: run });
