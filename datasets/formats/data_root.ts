/**
 * The folder of a data set, and which links in it are followed.
 *
 * @module
 */
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

/** How links in a data set's folder are treated. */
export interface LinkOptions {
  /** Whether links that lead out of the folder are followed. Default: false */
  readonly follow?: boolean;
}

/** The folder of a data set. It may be a link itself; links in it lead nowhere else unless `follow` is set. */
export class DataRoot {
  /** As the user gave it. */
  readonly path: string;
  readonly follow: boolean;
  #real: Promise<string> | undefined;
  readonly #folders = new Map<string, Promise<string>>();

  constructor(path: string, { follow = false }: LinkOptions = {}) {
    this.path = path;
    this.follow = follow;
  }

  /** The folder without links; the system's error where it is not there. */
  real(): Promise<string> {
    return this.#real ??= realpath(this.path);
  }

  /** Whether a path without links lies in the folder. */
  async holds(real: string): Promise<boolean> {
    const root = await this.real();
    return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  }

  /**
   * Where a file really is.
   *
   * @param path The file
   * @returns Its path without links
   * @throws {Error} If it lies outside of the folder, in one line; or the system's error where it is not there
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

  /** What is said of a path that leads out of the folder. */
  refusal(path: string): string {
    return `Cannot use ${path} as it leads out of ${this.path}: allow it by ` +
      "--dataset.options.follow=true";
  }
}
