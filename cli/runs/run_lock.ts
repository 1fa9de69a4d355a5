/**
 * One process at a time on a run. The system frees the lock when its process ends, however it ends.
 *
 * @module
 */
import { join } from "node:path";
import { fileError } from "../system/failure.ts";
import { openInPlace } from "../system/safe_file.ts";
import { tryLock } from "./file_lock.ts";

/** Another process works on a run. */
export class RunInUse extends Error {}

/** A lock that is held; dispose it to let others in. */
export class RunLock implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes the lock of a folder.
   *
   * @param folder The run's folder
   * @returns The lock, to be disposed
   * @throws {RunInUse} If another process, which it names, holds it
   * @throws {Error} One line if the lock cannot be written, or is a link or no file
   */
  static async take(folder: string): Promise<RunLock> {
    const path = join(folder, "lock");
    let file: Deno.FsFile;
    try {
      file = await openInPlace(path, { read: true, write: true });
    } catch (error) {
      throw fileError("lock", folder, error);
    }
    try {
      if (await tryLock(file) === false) {
        // The run may be a stranger's, and users paste commands from messages into a shell.
        const holder = /^\d+$/.exec((await Deno.readTextFile(path)).trim())?.[0];
        if (holder === undefined) {
          throw new RunInUse(
            `Cannot work on ${folder} as another process does: wait for it to end`,
          );
        }
        throw new RunInUse(
          `Cannot use ${folder} as process ${holder} is using it: wait for it to finish, or stop it with: kill ${holder}`,
        );
      }
      await file.truncate();
      await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
      return new RunLock(file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
