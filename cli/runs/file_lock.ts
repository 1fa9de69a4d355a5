/**
 * The system's locks of files, which it frees when a process ends, however it ends.
 *
 * @module
 */

/**
 * Locks an open file until it is closed.
 *
 * @param file The file
 * @returns False if a living process has it; undefined on a file system without locks
 */
export async function tryLock(file: Deno.FsFile): Promise<boolean | undefined> {
  try {
    return await file.tryLock(true);
  } catch {
    return undefined;
  }
}
