/**
 * One side of a bench: a process of its own that answers requests and is idle in between.
 *
 * @module
 */

import { isPrimitive, TELL_PRIMITIVES } from "./primitives.ts";

/** How a side is started. */
export interface SideOptions {
  /** E.g. "realign", "torch eager". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Threads that it may use; it is held to as many processors where the system can. */
  readonly threads: number;
  /** Whether oneDNN tells what it runs; see `takePrimitives`. @default {false} */
  readonly profile?: boolean;
}

/** The environment by which numeric libraries learn how many threads they have. */
const THREAD_VARIABLES = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"];

/** A process that measures. Dispose it. */
export class Side implements AsyncDisposable {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncIterator<string>;
  readonly #primitives: string[] = [];

  private constructor(name: string, child: Deno.ChildProcess, profile: boolean) {
    this.name = name;
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#answers = this.#withoutPrimitives(lines(child.stdout));
    if (profile) this.#gather(lines(child.stderr));
  }

  /** Starts the process. */
  static start({ name, command, args, threads, profile = false }: SideOptions): Side {
    const cores = navigator.hardwareConcurrency;
    const pinned = threads < cores && Deno.build.os === "linux";
    const [program, words] = pinned
      ? ["taskset", ["-c", threads === 1 ? "0" : `0-${threads - 1}`, command, ...args]]
      : [command, [...args]];
    const child = new Deno.Command(program, {
      args: words,
      env: {
        ...Object.fromEntries(THREAD_VARIABLES.map((name) => [name, String(threads)])),
        ...profile && TELL_PRIMITIVES,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: profile ? "piped" : "inherit",
    }).spawn();
    return new Side(name, child, profile);
  }

  /**
   * Asks for something.
   *
   * @param request What to do, and with what
   * @returns What the process answers
   * @throws {Error} If it fails or ends
   */
  async ask<T>(request: { readonly do: string; readonly [key: string]: unknown }): Promise<T> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    const { value, done } = await this.#answers.next();
    if (done) {
      throw new Error(`Cannot continue as ${this.name} exited while asked to ${request.do}`);
    }
    const answer = JSON.parse(value) as { ok?: T; error?: string };
    if (answer.error !== undefined) {
      throw new Error(`Cannot measure as ${this.name} failed to ${request.do}: ${answer.error}`);
    }
    return answer.ok as T;
  }

  /** What oneDNN told since the last time. */
  async takePrimitives(): Promise<string[]> {
    // What was written before the last answer may come after it by another way.
    await new Promise((done) => setTimeout(done, 200));
    return this.#primitives.splice(0);
  }

  async *#withoutPrimitives(written: AsyncIterable<string>): AsyncGenerator<string, void, void> {
    for await (const line of written) {
      if (isPrimitive(line)) this.#primitives.push(line);
      else yield line;
    }
  }

  async #gather(written: AsyncIterable<string>): Promise<void> {
    for await (const line of written) {
      if (isPrimitive(line)) this.#primitives.push(line);
      else console.error(line);
    }
  }

  /** The most memory that the process has held, in MiB; undefined where the system does not say. */
  async peakMemory(): Promise<number | undefined> {
    return await this.ask<number | null>({ do: "memory" }) ?? undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#answers.return?.();
    await this.#child.status;
  }
}

async function* lines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, void> {
  let waiting = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    waiting += text;
    for (let end = waiting.indexOf("\n"); end >= 0; end = waiting.indexOf("\n")) {
      yield waiting.slice(0, end);
      waiting = waiting.slice(end + 1);
    }
  }
}
