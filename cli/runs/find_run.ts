/**
 * Finds a run by what its user calls it.
 *
 * @module
 */
import { didYouMean } from "@realign/core";
import { join } from "node:path";
import { fileError, UsageError } from "../system/failure.ts";
import { isThere } from "../system/safe_file.ts";

/**
 * Finds a run's folder.
 *
 * @param runs Folder of all runs
 * @param name Its ID, the beginning of one, "latest", or a path
 * @returns The folder
 * @throws {UsageError} If there is none, or more than one
 */
export async function findRun(runs: string, name: string): Promise<string> {
  if (name.trim() === "") {
    throw new UsageError(
      "Cannot find a run as its name is empty: give its ID, the start of it, a path, or latest",
    );
  }
  const isPath = /[\\/]/.test(name) || name === "." || name === "..";
  if (isPath && await isRun(name)) return name;
  const found: { id: string; created: string }[] = [];
  try {
    for await (const { name: id } of Deno.readDir(runs)) {
      if (!await isRun(join(runs, id))) continue;
      if (id === name) return join(runs, id);
      found.push({ id, created: /-(\d{8}-\d{6})-/.exec(id)?.[1] ?? "" });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError("read", runs, error);
  }
  found.sort((a, b) => a.created.localeCompare(b.created));
  const matches = name === "latest"
    ? found.slice(-1)
    : found.filter(({ id }) => id.startsWith(name));
  if (matches.length === 1) return join(runs, matches[0].id);
  if (matches.length > 1) {
    throw new UsageError(
      `Cannot choose a run as "${name}" is ambiguous: it could be ${
        matches.map(({ id }) => id).join(", ")
      }`,
    );
  }
  if (await isRun(name)) return name;
  for (const folder of isPath ? [name] : [join(runs, name), name]) await assertSeen(folder);
  if (isPath && await isThere(name)) {
    throw new UsageError(`Cannot find a run in ${name} as it has no run.json`);
  }
  throw new UsageError(
    found.length === 0
      ? `Cannot find the run "${name}" as there are no runs in ${runs}: create one with: realign train PRESET`
      : `Cannot find the run "${name}" in ${runs}: ${didYouMean(name, found.map(({ id }) => id))}`,
  );
}

/** Fails if there may be a run in a folder that this user cannot look into. */
async function assertSeen(folder: string): Promise<void> {
  const path = join(folder, "run.json");
  await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.PermissionDenied) throw fileError("read", path, error);
  });
}

async function isRun(folder: string): Promise<boolean> {
  return await Deno.stat(join(folder, "run.json")).then(({ isFile }) => isFile, () => false);
}
