/**
 * Workers on one machine: started, watched, and ended together.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { freeAddresses, workerVariables } from "../system/local_cluster.ts";
import { AGAIN, Interrupted, type StopExitCode, UsageError } from "../system/failure.ts";

/** Milliseconds that workers have to end by themselves after another has failed. */
const GRACE = 3000;

/** Milliseconds that they have to save what they have, after all were asked to stop. */
const GRACE_TO_SAVE = 60_000;

/** The exit code of a wrong call. */
const USAGE = 2;

const isStop = (code: number): code is StopExitCode =>
  code === 130 || code === 143 || code === AGAIN;

/** How a worker came to its end. */
interface Ending {
  readonly worker: number;
  readonly code: number;
  readonly signal: Deno.Signal | null;
  /** Its last line on standard error. */
  readonly said: string;
}

/**
 * Runs a command in several processes. What the first one writes is shown; the others speak where they fail.
 *
 * @param words The command and its arguments
 * @param count Number of processes
 * @throws {Interrupted} After a signal, once all have ended
 * @throws {Error} One line that names the worker that failed first
 */
export async function runWorkers(
  words: readonly string[],
  count: number,
): Promise<void> {
  const [folder, task] = await taskOfProgram();
  const addresses = freeAddresses(count);
  const start = (index: number) =>
    new Deno.Command("deno", {
      args: [...task, ...workerWords(words, count)],
      cwd: folder,
      env: workerVariables(addresses, index),
      // A terminal signals the launcher alone, so that every worker hears of a signal once: a second one ends it at once.
      detached: true,
      stdin: "null",
      stdout: index === 0 ? "inherit" : "null",
      stderr: index === 0 ? "inherit" : "piped",
    }).spawn();
  const children = addresses.map((_, index) => start(index));
  const endAll = (name: Deno.Signal) => children.forEach((child) => kill(child, name));
  // One worker that is told of it ends all of them together.
  const forward = () => kill(children[children.length - 1], "SIGTERM");
  const listeners: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGINT", () => endAll("SIGINT")],
    ...["SIGTERM", "SIGUSR1", "SIGHUP"].map((name) => [name as Deno.Signal, forward] as const),
    ["SIGQUIT", () => endAll("SIGKILL")],
  ];
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const endings = children.map((child, worker) => endingOf(child, worker));
    const first = await firstFailure(endings, (end) => {
      // Workers that stop together are still saving; a second signal would end them at once.
      const stops = isStop(end.code);
      timer = setTimeout(() => endAll("SIGKILL"), stops ? GRACE_TO_SAVE : GRACE);
      if (!stops) endAll("SIGTERM");
    });
    if (first) throw failureOf(first);
  } finally {
    clearTimeout(timer);
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
    endAll("SIGKILL");
  }
}

/**
 * The words of one worker: with its share of the machine's cores, unless they say otherwise.
 *
 * @param words The command and its arguments
 * @param count Number of processes
 */
export function workerWords(words: readonly string[], count: number): string[] {
  if (words.some((word) => /^--threads(=|$)/.test(word))) return [...words];
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / count));
  return [...words, "--threads", String(threads)];
}

/** Waits for all; `react` is called at the first one that fails, which is given back. */
async function firstFailure(
  endings: readonly Promise<Ending>[],
  react: (end: Ending) => void,
): Promise<Ending | undefined> {
  let first: Ending | undefined;
  const all = await Promise.all(endings.map(async (ending) => {
    const end = await ending;
    if (end.code !== 0 && !first) {
      first = end;
      react(end);
    }
    return end;
  }));
  if (!first) return undefined;
  // All were called wrongly in the same way.
  if (first.code === USAGE && all[0].code === USAGE) return all[0];
  // One worker's time was over, and it took the others along.
  return isStop(first.code) ? all.find(({ code }) => code === AGAIN) ?? first : first;
}

function failureOf({ worker, code, signal, said }: Ending): Error {
  const text = said.replace(/^error: /, "");
  if (signal) {
    return new Error(
      `Cannot go on as worker ${worker} was killed (${signal}); the last checkpoint stands: ` +
        "launch the same again with train --resume RUN",
    );
  }
  if (isStop(code)) return new Interrupted("All workers have stopped", code);
  const Kind = code === USAGE ? UsageError : Error;
  // The first worker has said it already.
  return new Kind(
    worker === 0
      ? "Cannot go on as worker 0 failed: it says above why"
      : `${text} (worker ${worker})`,
  );
}

async function endingOf(child: Deno.ChildProcess, worker: number): Promise<Ending> {
  const [{ code, signal }, said] = await Promise.all([
    child.status,
    worker === 0 ? "" : lastLine(child.stderr),
  ]);
  return { worker, code, signal, said };
}

/** The last line that is not empty. */
async function lastLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of stream) {
    text = (text + decoder.decode(part, { stream: true })).slice(-10_000);
  }
  return text.trimEnd().split("\n").at(-1) ?? "";
}

function kill(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended.
  }
}

/** The repository, and the words by which its task starts the program with the permissions that it needs. */
async function taskOfProgram(): Promise<[folder: string, words: string[]]> {
  const main = Deno.mainModule;
  const path = main.startsWith("file:") ? fileURLToPath(new URL("../deno.json", main)) : undefined;
  const text = path && await Deno.readTextFile(path).catch(() => undefined);
  if (path && text) {
    const { tasks } = JSON.parse(text) as Record<"tasks", Record<string, { command: string }>>;
    return [dirname(path), tasks.realign.command.split(" ").slice(1)];
  }
  throw new UsageError(
    "Cannot launch workers as the program does not run from its repository: start each by itself, as in docs/several_workers.md",
  );
}
