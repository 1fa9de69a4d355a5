/**
 * What is told when something fails: one line, and an exit code.
 *
 * @module
 */
import { dirname } from "node:path";
import { quoteWord } from "./shell_words.ts";

/** A command that was called wrongly; the process exits with 2, as shells expect. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exit codes after a signal: 130 after Ctrl-C, 143 after SIGTERM, as shells expect. */
export type SignalExitCode = 130 | 143;

/** Exit code where the same command goes on later: EX_TEMPFAIL, by which queues tell work to be started again. */
export const AGAIN = 75;

/** Exit codes of work that was ended and goes on with the same command. */
export type StopExitCode = SignalExitCode | typeof AGAIN;

/** Work that was ended by a signal, or as its time was over, after what was made had been saved. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: StopExitCode;
  /** Where the work was, e.g. "Stopped at step 3 of 9". */
  readonly at: string;

  /**
   * @param at Where the work was
   * @param exitCode The signal's, or 75
   * @param line The command that goes on, as it is pasted into a shell
   */
  constructor(at: string, exitCode: StopExitCode, line?: string) {
    super(line === undefined ? at : `${at}; continue with: ${line}`);
    this.at = at;
    this.exitCode = exitCode;
  }

  override toString(): string {
    return this.message;
  }
}

/**
 * Runs work, and says of an interruption how to go on with it.
 *
 * @param line Gives the command that goes on
 * @param work What may be interrupted
 */
export async function withContinuation<T>(line: () => string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(error.at, error.exitCode, line());
  }
}

/** What the exit codes of the program mean. */
export const EXIT_CODES: Readonly<Record<0 | 1 | 2 | StopExitCode, string>> = {
  0: "done",
  1: "failed; the last line says why",
  2: "called wrongly; nothing was begun",
  75:
    "stopped before it was done, by --max-hours or --no-wait; what was made is kept: the command that is printed goes on",
  130: "stopped by Ctrl-C; what was made is kept",
  143: "stopped by SIGTERM or SIGUSR1; what was made is kept",
};

/** Exit code of a failure: 2 for wrong usage, 130 or 143 after a signal, 75 to go on later, 1 for the rest. */
export function exitCodeOf(error: unknown): Exclude<keyof typeof EXIT_CODES, 0> {
  if (error instanceof Interrupted) return error.exitCode;
  return error instanceof UsageError ? 2 : 1;
}

/** What systems call their errors, and what a person can do about each. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|ENOSPC/, "the disk is full: free some space and run the command again"],
  [
    /Disk quota exceeded|EDQUOT/,
    "the disk quota is used up: free some space and run the command again",
  ],
  [
    /Read-only file system|EROFS/,
    "the file system is read-only: choose another folder",
  ],
  [/File exists|EEXIST/, "a file is in its place"],
  [/Not a directory|ENOTDIR/, "a part of the path is a file"],
  [/Is a directory|EISDIR/, "it is a folder"],
  [/No such file or directory|ENOENT/, "it does not exist"],
];

/**
 * Says in one line why a file could not be read or written, and what to do.
 *
 * @param doing E.g. "write"
 * @param path The file or folder
 * @param error What the system said
 * @returns An Error to throw, with the system's own as its cause
 *
 * @example Usage
 * ```ts ignore
 * throw fileError("write", "runs/x/run.json", error);
 * // Cannot write runs/x/run.json: the disk is full: free some space and run the command again
 * ```
 */
export function fileError(doing: string, path: string, error: unknown): Error {
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.NotCapable) {
    const flag = /--allow-[a-z]+/.exec(said)?.[0] ?? "the matching --allow flag";
    return new Error(`Cannot ${doing} ${path}: Deno lacks the permission; add ${flag}`, {
      cause: error,
    });
  }
  const remedy = /Permission denied|EACCES|Operation not permitted/.test(said)
    ? permissionAdvice(doing, path)
    : REMEDIES.find(([pattern]) => pattern.test(said))?.[1] ?? said;
  return new Error(`Cannot ${doing} ${path}: ${remedy}`, { cause: error });
}

/** Advice for a path without permission, by what of it can be seen. */
function permissionAdvice(doing: string, path: string): string {
  if (doing.startsWith("read")) {
    const [seen] = nearest(path);
    const mode = seen === path ? "a+r" : "a+rx";
    return `permission denied: its owner can allow it with: chmod ${mode} ${quoteWord(seen)}`;
  }
  // Files are written beside their place and renamed, so the folder's permission counts.
  const isFolder = doing === "lock" || doing === "write into" || doing.startsWith("make");
  const [folder, mode] = nearest(isFolder ? path : dirname(path));
  const own = quoteWord(folder);
  return mode !== null && (mode & OWNER_MAY_WRITE) === 0
    ? `permission denied: choose another folder, or as its owner run: chmod u+w ${own}`
    : `permission denied as ${own} belongs to another user: choose another folder`;
}

/** The bit of a mode that lets the owner write. */
const OWNER_MAY_WRITE = 0o200;

/** The path, or what is nearest above it and can be seen, with its mode. */
function nearest(path: string): [string, number | null] {
  for (let at = path;; at = dirname(at)) {
    try {
      return [at, Deno.statSync(at).mode];
    } catch {
      if (dirname(at) === at) return [at, null];
    }
  }
}

/**
 * Whether a path could not be written for want of permission, so that another folder helps.
 *
 * @param error Thrown by {@linkcode fileError}
 */
export function isReadOnly(error: unknown): error is Error {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && /^Cannot (write|lock|make) /.test((error as Error).message) &&
    /Permission denied|EACCES|Operation not permitted|Read-only file system|EROFS/.test(
      cause.message,
    );
}

/**
 * Renders a failure for standard error.
 *
 * @param error What was thrown
 * @param verbose Whether to show the stack, causes included
 * @returns One line; with `verbose`, the stack below it
 */
export function renderFailure(error: unknown, verbose: boolean): string {
  if (error instanceof Interrupted) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  const line = `error: ${message.split(/\s*\n\s*/).filter(Boolean).join("; ") || "unknown"}`;
  return verbose && error instanceof Error
    ? `${line}\n${Deno.inspect(error, { depth: 2, colors: false })}`
    : line;
}
