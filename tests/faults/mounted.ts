/**
 * Small file systems for tests, where the user may mount them; Python does it, which tests may run.
 *
 * @module
 */

const python = Deno.env.get("REALIGN_PYTHON") ?? "python3";

async function run(...words: string[]): Promise<boolean> {
  const script = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)";
  const args = ["-c", script, ...words];
  try {
    return (await new Deno.Command(python, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/** A file system in memory at a folder; dispose it. */
export class Mounted implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Mounts one of so many KiB; undefined where this user may not. */
  static async at(folder: string, kibibytes: number): Promise<Mounted | undefined> {
    const size = `size=${kibibytes}k`;
    return await run("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder)
      ? new Mounted(folder)
      : undefined;
  }

  /** Makes it larger, or read-only, e.g. "size=9000k" or "ro". */
  remount(options: string): Promise<boolean> {
    return run("mount", "-o", `remount,${options}`, this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", this.#folder);
  }
}

/** Whether this user may mount. */
export async function mayMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const folder = await Deno.makeTempDir();
  try {
    await using mounted = await Mounted.at(folder, 64);
    return mounted !== undefined;
  } finally {
    await Deno.remove(folder);
  }
}
