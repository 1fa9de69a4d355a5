/**
 * What commands with `--worker` have in common. Of images that are kept a share is made, and the whole is another
 * command's; `defend` needs none, as its shares are the whole.
 *
 * @module
 */
import type { Share } from "@realign/core/shares";
import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import type { Output } from "../terminal/output.ts";

/** Adds `--worker`, for one of several processes that share the work. */
export function withWorker(command: Command, meaning: string): Command {
  return command.option("--worker <i/n>", meaning, share);
}

/** Reads an option as a share: "2/4" is the second of four. */
export function share(text: string): Share {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  if (Number(index) >= 1 && Number(index) <= Number(count)) {
    return { index: Number(index) - 1, count: Number(count) };
  }
  throw new InvalidArgumentError("It must be a worker of so many, such as 1/4, 2/4, 3/4 or 4/4.");
}

/** A share as the command line has it. */
export const shareWord = ({ index, count }: Share): string => `${index + 1}/${count}`;

/** Options of an evaluation that only the whole has. */
interface Whole {
  readonly preset?: string;
  readonly out?: string;
  readonly replace?: boolean;
  readonly robustbench?: string;
  readonly saveAdversarial?: string;
  readonly submit?: string;
}

/** Fails where a worker is asked for what only the whole evaluation of a run has. Throws UsageError. */
export function assertShareable(
  { preset, out, replace, robustbench, saveAdversarial, submit }: Whole,
): void {
  if (preset !== undefined) {
    throw new UsageError(
      "Cannot use --worker with --preset: only the evaluation of a run is shared",
    );
  }
  const given = Object.entries({
    ...{ "--out": out, "--replace": replace, "--robustbench": robustbench },
    ...{ "--save-adversarial": saveAdversarial, "--submit": submit },
  });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw new UsageError(
    `Cannot use ${name} with --worker, which only makes a share: give it to the command without --worker, once all workers are done`,
  );
}

/** The words of a command without `--worker`. */
export function wholeOf(words: readonly string[]): string[] {
  return words.filter((word, index) =>
    !/^--worker(=|$)/.test(word) && words[index - 1] !== "--worker"
  );
}

/**
 * Tells what a worker has made.
 *
 * @param share Which worker it was
 * @param made What is there now, e.g. `{ images: 200 }`
 * @param text The same in words
 * @param words The command's
 */
export function tellShare(
  share: Share,
  made: object,
  text: string,
  words: readonly string[],
  output: Output,
): void {
  const worker = shareWord(share);
  output.result(
    { worker, ...made },
    `worker ${worker} is done: ${text}; once all are: ${shellLine(wholeOf(words))}`,
  );
}
