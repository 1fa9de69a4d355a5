/**
 * Files that are either whole or not there: written aside, flushed to the disk, then renamed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { fileError } from "./failure.ts";

/** Ends the names of files that are being written. */
const PARTIAL = ".partial";

/** Folders that this process has tidied up. */
const tidied = new Set<string>();

/**
 * Writes a file so that a crash at any moment leaves the old content or the new, never a part.
 *
 * @param path Where to; its folder must exist
 * @param content Text or bytes
 * @throws {Error} One line that names the file and the reason; nothing half-written is left behind
 */
export async function writeSafely(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  // No two processes that share a cache, on whatever machines, write the same file aside. The file's own name is
  // left out, as it may be as long as names can be.
  const partial = join(folder, `.${Deno.pid}-${crypto.randomUUID().slice(0, 8)}${PARTIAL}`);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    if (!tidied.has(folder)) await removePartials(folder);
    tidied.add(folder);
    {
      using file = await openAside(partial);
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      await file.sync();
    }
    await Deno.rename(partial, path);
    await syncFolder(folder);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw fileError("write", path, error);
  }
}

/** Opens a file to be written, locked: so nobody takes it for one that a killed process left. */
async function openAside(path: string): Promise<Deno.FsFile> {
  for (;;) {
    const file = await Deno.open(path, { write: true, create: true, truncate: true });
    await file.lock(true).catch(() => {}); // some file systems have no locks
    if ((await file.stat()).nlink !== 0) return file;
    file.close(); // it was taken for one after all, just before the lock
  }
}

/** Flushes a rename; systems that cannot open folders (Windows) flush by themselves. */
async function syncFolder(folder: string): Promise<void> {
  try {
    using handle = await Deno.open(folder);
    await handle.sync();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
  }
}

/**
 * Makes a folder with those above it.
 *
 * @throws {Error} One line that names the folder and the reason
 */
export async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true }).catch((error) => {
    throw fileError("make the folder", path, error);
  });
}

/** Makes a folder and fails, in one line, if no file can be written there. */
export async function assertWritable(folder: string): Promise<void> {
  await makeFolder(folder);
  const path = join(folder, ".writable");
  await writeSafely(path, "");
  await Deno.remove(path).catch(() => {});
}

/** Whether a path exists. */
export async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Throws, with the reason alone, unless a path is a regular file: pipes block, and devices may never end. */
export async function assertFile(path: string): Promise<void> {
  const info = await Deno.stat(path);
  if (info.isFile) return;
  const kind = info.isDirectory
    ? "a folder"
    : info.isFifo
    ? "a named pipe"
    : info.isSocket
    ? "a socket"
    : "a device";
  throw new Error(`it is ${kind}, not a file`);
}

/** Throws, with the reason alone, if a path is a link: in a folder of somebody else's it may lead to anything of ours. */
export async function assertNoLink(path: string): Promise<void> {
  const info = await Deno.lstat(path).catch(() => undefined);
  if (!info?.isSymlink) return;
  throw new Error(
    `"${basename(path)}" is a link, which may lead anywhere: remove it, or put a copy in its place`,
  );
}

/**
 * Opens a file that is written in its place, and not aside; it is made where there is none.
 *
 * @param path The file
 * @param options How it is opened
 * @throws {Error} With the reason alone, if it is a link or no file
 */
export async function openInPlace(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
  await assertNoLink(path);
  if (await isThere(path)) await assertFile(path);
  return await Deno.open(path, { ...options, create: true });
}

/**
 * Reads a whole file.
 *
 * @param path The file
 * @param what Named in the error. Default: nothing
 * @throws {Error} One line that names it, if it is not there, cannot be read or is no file
 */
export async function readWhole(path: string, what?: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    await assertFile(path);
    return await Deno.readFile(path);
  } catch (error) {
    throw fileError(what === undefined ? "read" : `read ${what}`, path, error);
  }
}

/**
 * Reads a whole file.
 *
 * @returns Its bytes, or undefined where there is none
 * @throws {Error} One line, if there is one and it cannot be read or is no file
 */
export async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readWhole(path);
  } catch (error) {
    if ((error as Error).cause instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Throws if a folder cannot be created or written to; leaves nothing behind.
 *
 * @throws {Error} One line that names the folder and the reason
 */
export async function assertMayWrite(folder: string): Promise<void> {
  for (let path = resolve(folder);; path = dirname(path)) {
    const info = await Deno.stat(path).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw fileError("write into", folder, error);
    });
    if (info === undefined) continue;
    if (!info.isDirectory) {
      throw new Error(`Cannot write into ${folder}: ${path} is not a folder`);
    }
    const trial = join(path, `.writable-${Deno.pid}`);
    try {
      await Deno.writeFile(trial, new Uint8Array(0));
      await Deno.remove(trial);
    } catch (error) {
      throw fileError("write into", folder, error);
    }
    return;
  }
}

/** The same for a file, which is written much later. */
export async function assertMayWriteFile(path: string): Promise<void> {
  await assertMayWrite(dirname(path));
  if (!await isThere(path)) return;
  await assertFile(path).catch((error) => {
    throw fileError("write", path, error);
  });
}

/** Reads a JSON file; undefined where there is none. Throws one line if it is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    // The message quotes the file, line breaks included.
    const reason = (error as Error).message.replaceAll(/\s+/g, " ");
    throw new SyntaxError(`Cannot read ${path} as it is not valid JSON: ${reason}`, {
      cause: error,
    });
  }
}

/** Names of the files in a folder, sorted; none where there is no folder. */
export async function listFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) if (entry.isFile) names.push(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError("read", folder, error);
  }
  return names.sort();
}

/** Removes what killed processes were writing in a folder; what another process is writing stays. */
export async function removePartials(folder: string): Promise<void> {
  for (const name of await listFiles(folder)) {
    if (!name.endsWith(PARTIAL)) continue;
    const path = join(folder, name);
    try {
      using file = await Deno.open(path, { write: true });
      if (await file.tryLock(true)) await Deno.remove(path);
    } catch {
      continue; // it is gone, or not ours
    }
  }
}

/** Removes a folder with all that is in it; what another process is writing stays. */
export async function clearFolder(folder: string): Promise<void> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await clearFolder(path);
      else if (!name.endsWith(PARTIAL)) await Deno.remove(path).catch(() => {});
    }
    await removePartials(folder);
    await Deno.remove(folder);
  } catch {
    return; // it is gone, or not empty
  }
}

/** SHA-256 of bytes, in hexadecimal. */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
