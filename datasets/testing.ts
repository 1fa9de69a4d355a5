/**
 * What the tests of datasets need: folders that go away, the real data where it is at hand.
 *
 * @module
 */
import type { Picture } from "@realign/core";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Runs `use` with a new folder that holds `files`, by path, and removes it afterwards. */
export async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (root: string) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "realign-datasets-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    await use(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

/** The folder of a real dataset, below `REALIGN_DATA` or `../shared/data`; undefined where absent. */
export function realData(name: string): string | undefined {
  const beside = fileURLToPath(new URL("../../shared/data", import.meta.url));
  const path = join(Deno.env.get("REALIGN_DATA") ?? beside, name);
  return existsSync(path) ? path : undefined;
}

/** Fails unless a promise rejects with an error of one line that matches. */
export async function assertRejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(() => undefined, (reason) => reason);
  assert.ok(error instanceof Error, "nothing was thrown");
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /\n/);
}

/** A picture of one colour. */
export function plain(height: number, width: number, colour: readonly number[]): Picture {
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, at) => colour[at % 3]);
  return { height, width, pixels };
}
