/**
 * The rounds of a soak: what a user does in a day, with every command and task, in one process.
 *
 * @module
 */
import { encodePng } from "@realign/datasets";
import { join } from "node:path";
import { runHere, TINY } from "../../cli/testing.ts";

/** One preset of each task; rounds take turns. */
export const presets = ["cls-shapes", "seg-shapes", "det-shapes"] as const;

/** Settings by which a round takes seconds, most of them in steps of G. */
const SETTINGS = [
  ...TINY,
  "--target.train.epochs=10",
  "--train.epochs=50",
  "--train.checkpointEvery=20",
];

/** What a round runs, and the exit code that it must give. */
const commandsOf = (folder: string, preset: string, picture: string): [string[], number][] => {
  const runs = ["--runs", join(folder, "runs")];
  const places = [...runs, "--cache", join(folder, "cache")];
  return [
    [["train-target", preset, ...SETTINGS, ...places], 0],
    [["attack", "latest", ...places], 0],
    [["train", "--resume", "latest", ...places], 0],
    [["evaluate", "latest", ...places], 0],
    [["report", "latest", ...runs], 0],
    [["defend", "latest", picture, "--out", join(folder, "restored"), ...runs], 0],
    [["evaluate", "absent", ...places], 2],
    [["evaluate", "latest", "--split", "none", ...places], 2],
  ];
};

/**
 * Trains, attacks, evaluates, reports, defends and is refused once, each by the program's command, and
 * removes what was made.
 *
 * @param folder An empty folder
 * @param preset Its name
 * @returns How many commands were run
 * @throws {Error} If a command ends otherwise than it must, with what it told
 */
export async function playRound(folder: string, preset: string): Promise<number> {
  const picture = join(folder, "picture.png");
  const pixels = Uint8Array.from({ length: 40 * 30 * 3 }, (_, at) => (at * 31) % 256);
  await Deno.writeFile(picture, await encodePng({ height: 30, width: 40, pixels }));
  const commands = commandsOf(folder, preset, picture);
  for (const [command, expected] of commands) {
    const { code, error } = await runHere(command);
    if (code === expected) continue;
    throw new Error(`Cannot go on as "${command.join(" ")}" ended with ${code}:\n${error}`);
  }
  for await (const { name } of Deno.readDir(folder)) {
    await Deno.remove(join(folder, name), { recursive: true });
  }
  return commands.length;
}
