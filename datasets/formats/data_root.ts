/**
 * The folder of a data set, and whether links out of it are followed.
 *
 * @module
 */
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

/** How links in a data set's folder are handled. */
export interface LinkOptions {
  /** Whether links out of the folder are followed. Default: false */
  readonly follow?: boolean;
}

/**
 * Whether a path leads into a folder, or is the folder itself.
 *
 * @param folder Its real path, which may be the root of all
 * @param real The real path that is asked for: without links and ".."
 *
 * @example Usage
 * ```ts
 * import { isInside } from "@realign/datasets";
 * import assert from "node:assert/strict";
 *
 * assert.ok(isInside("/data", "/data/a.png"));
 * assert.ok(!isInside("/data", "/database/a.png"));
 * ```
 */
export function isInside(folder: string, real: string): boolean {
  return real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The folder of a data set. It may be a link itself; links out of it are refused unless `follow` is set. */
export class DataRoot {
  /** As given by the user. */
  readonly path: string;
  readonly follow: boolean;
  #real: Promise<string> | undefined;
  readonly #folders = new Map<string, Promise<string>>();

  constructor(path: string, { follow = false }: LinkOptions = {}) {
    this.path = path;
    this.follow = follow;
  }

  /** The real path of the folder; throws the system's error if it is missing. */
  real(): Promise<string> {
    return this.#real ??= realpath(this.path);
  }

  /** Whether a real path is inside the folder. */
  async holds(real: string): Promise<boolean> {
    return isInside(await this.real(), real);
  }

  /**
   * Resolves the links of a path.
   *
   * @param path The file
   * @returns The real path
   * @throws {Error} If the file is outside of the folder, in one line; or the system's error if it is missing
   */
  async locate(path: string): Promise<string> {
    // Most files are no links, and all files of a folder share its path.
    const folder = await this.#locateFolder(dirname(path));
    const real = (await lstat(path)).isSymbolicLink()
      ? await realpath(path)
      : join(folder, basename(path));
    if (!this.follow && !await this.holds(real)) throw new Error(this.refusal(path));
    return real;
  }

  #locateFolder(path: string): Promise<string> {
    const real = this.#folders.get(path) ?? realpath(path);
    this.#folders.set(path, real);
    return real;
  }

  /** The error message for a path outside of the folder. */
  refusal(path: string): string {
    return `Cannot use ${path} as it is outside of ${this.path}: allow it with ` +
      "--dataset.options.follow=true";
  }
}
