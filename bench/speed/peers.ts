/**
 * A Python that has the peers: the one that REALIGN_PYTHON names, or a virtual environment of the
 * pinned requirements in the user's cache folder, made once.
 *
 * @module
 */
import { join } from "node:path";
import { sha256, writeSafely } from "../../cli/system/safe_file.ts";
import { cacheFolder } from "../../core/backend/tensorflow/install.ts";

const requirements = join(import.meta.dirname!, "./peers/requirements.txt");

/** Written last, so that a making that was stopped is begun again. */
const COMPLETE = "complete";

/**
 * Finds the Python, or makes it.
 *
 * @param notify Told of what takes time
 * @returns Its path
 * @throws {Error} If it has not what the benches need, or cannot be made
 */
export async function providePython(notify: (message: string) => void): Promise<string> {
  const named = Deno.env.get("REALIGN_PYTHON");
  if (named) {
    const missing = await missingIn(named);
    if (missing === "") return named;
    throw new Error(
      `Cannot measure the peers as ${named}, set by REALIGN_PYTHON, has no ${missing}: install bench/speed/peers/requirements.txt into it`,
    );
  }
  const key = sha256(await Deno.readFile(requirements)).slice(0, 8);
  const folder = join(cacheFolder(), `bench-peers-${key}`);
  const windows = Deno.build.os === "windows";
  const python = join(folder, windows ? "Scripts" : "bin", windows ? "python.exe" : "python");
  const complete = join(folder, COMPLETE);
  if (await Deno.stat(complete).then(() => true, () => false)) return python;
  notify(`creating a virtual environment with PyTorch in ${folder}: several gigabytes, only once`);
  await run("python3", ["-m", "venv", "--clear", folder]);
  await run(python, ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
  await writeSafely(complete, "");
  return python;
}

/** Whether a Python can be found that has the peers; makes nothing. */
export async function hasPeers(): Promise<boolean> {
  const named = Deno.env.get("REALIGN_PYTHON") ?? "python3";
  return await missingIn(named) === "";
}

/** What the benches against PyTorch need. */
const PEERS = ["torch", "torchvision", "foolbox", "torchattacks"];

/**
 * The first package that a Python lacks.
 *
 * @param python The program
 * @param packages Their names
 * @returns "" where it has them all
 */
export async function missingIn(
  python: string,
  packages: readonly string[] = PEERS,
): Promise<string> {
  const names = packages.map((name) => `'${name}'`).join(", ");
  const script = "import importlib.util as u; print(next((p for p in " +
    `(${names},) if not u.find_spec(p)), ''))`;
  try {
    const { success, stdout } = await new Deno.Command(python, { args: ["-c", script] }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "packages that load";
  } catch {
    return "Python";
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdout: "inherit",
  })
    .output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`Cannot create the peers' Python as ${command} ${args[1]} failed: ${said}`);
}
