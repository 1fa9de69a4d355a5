/**
 * A run of seconds for the tests of faults: all stages, many checkpoints, many parts of the attack cache.
 *
 * @module
 */
import { join } from "node:path";
import { root } from "../source_files.ts";

/** Examples of the training split. */
const EXAMPLES = 32;
/** Parts of the attack cache, one a draw. */
export const PARTS = 6;
/** Steps of G. */
export const TRAIN_STEPS = 40;
/** Columns of the evaluation. */
export const COLUMNS = 3;

/** What is written behind `realign train` to begin the run. */
export const begin: readonly string[] = [
  "bars",
  "--plugin",
  join(root, "tests", "bar_angle", "mod.ts"),
  `--dataset.trainExamples=${EXAMPLES}`,
  "--target.train.epochs=2",
  "--target.train.batchSize=16",
  "--generator.width=4",
  "--train.batchSize=8",
  `--train.epochs=${TRAIN_STEPS / (EXAMPLES / 8)}`,
  "--train.checkpointEvery=3",
  `--train.attackCache=${PARTS}`,
  "--attack.steps=3",
  "--evaluation.examples=16",
  "--evaluation.batchSize=8",
  "--evaluation.threatModels.oblivious.attacks.pgd.steps=4",
  "--evaluation.threatModels.whitebox.attacks.pgd.steps=4",
];

/** Names in a folder, and below it, of files; none where there is no folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory) found.push(name);
      else found.push(...(await filesIn(join(folder, name))).map((below) => join(name, below)));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/** Copies a folder with all below it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  for (const name of await filesIn(from)) {
    await Deno.mkdir(join(to, name, ".."), { recursive: true });
    await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** Changes one byte of a file. */
export async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[at % bytes.length] ^= 0x10;
  await Deno.writeFile(path, bytes);
}
