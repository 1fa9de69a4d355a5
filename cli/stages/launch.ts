/**
 * Workers on one machine: started, watched, and ended together.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { UsageError } from "../system/failure.ts";
import { isThere } from "../system/safe_file.ts";

/** Milliseconds that workers have to end by themselves after another has failed. */
const GRACE = 3000;

/** The exit code of a wrong call. */
const USAGE = 2;

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
 * @param interruption Ends all of them
 * @throws {Error} One line that names the worker that failed first
 */
export async function runWorkers(
  words: readonly string[],
  count: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const [run, net] = [
    { name: "run", command: "deno" },
    { name: "net", host: "127.0.0.1" },
  ] as const;
  if ([run, net].some((one) => Deno.permissions.querySync(one).state !== "granted")) {
    throw new UsageError(
      "Cannot launch workers as this task may start no programs: use deno task launch",
    );
  }
  const config = await configuration();
  const addresses = freeAddresses(count);
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / count));
  const shared = words.includes("--threads") ? [] : ["--threads", String(threads)];
  const start = (index: number) =>
    new Deno.Command("deno", {
      args: ["task", "--quiet", "--config", config, "realign", ...words, ...shared],
      env: {
        TF_CONFIG: JSON.stringify({
          cluster: { worker: addresses },
          task: { type: "worker", index },
        }),
      },
      stdin: "null",
      stdout: index === 0 ? "inherit" : "null",
      stderr: index === 0 ? "inherit" : "piped",
    }).spawn();
  const children = addresses.map((_, index) => start(index));
  const endAll = (name: Deno.Signal) => children.forEach((child) => kill(child, name));
  // A terminal tells all of a group; a signal to this process alone goes to the first, and workers end together.
  const forward = () => kill(children[0], "SIGTERM");
  signal.addEventListener("abort", forward);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const endings = children.map((child, worker) => endingOf(child, worker));
    const first = await firstFailure(endings, () => {
      timer = setTimeout(() => endAll("SIGKILL"), GRACE);
      endAll("SIGTERM");
    });
    signal.throwIfAborted();
    if (first) throw failureOf(first);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", forward);
    endAll("SIGKILL");
  }
}

/** Waits for all; `react` is called at the first one that fails, which is given back. */
async function firstFailure(
  endings: readonly Promise<Ending>[],
  react: () => void,
): Promise<Ending | undefined> {
  let first: Ending | undefined;
  const all = await Promise.all(endings.map(async (ending) => {
    const end = await ending;
    if (end.code !== 0 && !first) {
      first = end;
      react();
    }
    return end;
  }));
  // All were called wrongly in the same way.
  return first?.code === USAGE && all[0].code === USAGE ? all[0] : first;
}

function failureOf({ worker, code, signal, said }: Ending): Error {
  const text = said.replace(/^error: /, "");
  if (signal) {
    return new Error(
      `Cannot go on as worker ${worker} was killed (${signal}); the last checkpoint stands: ` +
        "launch the same again with train --resume RUN",
    );
  }
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

/** Addresses of this machine that nobody listens on now. */
function freeAddresses(count: number): string[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const addresses = listeners.map(({ addr }) => `127.0.0.1:${addr.port}`);
  listeners.forEach((listener) => listener.close());
  return addresses;
}

/** The file whose task starts a worker, with the permissions that it needs and no others. */
async function configuration(): Promise<string> {
  const main = Deno.mainModule;
  const path = main.startsWith("file:") ? fileURLToPath(new URL("../deno.json", main)) : undefined;
  if (path !== undefined && await isThere(path)) return path;
  throw new UsageError(
    "Cannot launch workers as the program does not run from its repository: start each by itself, as in docs/several_workers.md",
  );
}
