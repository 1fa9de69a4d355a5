/**
 * Fetches TensorFlow's C library: its wheel by pip, with the CUDA wheels that it asks for where there is
 * an NVIDIA GPU.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { unpackWheel } from "./unpack_wheel.ts";

/** The version that is fetched, and that results were measured with. */
export const TENSORFLOW_VERSION = "2.21.0";

/** A wheel of TensorFlow. Any Python's wheel holds the same library; this is the one for Python 3.11. */
interface Wheel {
  readonly sha256: string;
  /** What it weighs with all that it needs, for the message. */
  readonly download: string;
}

/** The wheels that are fetched, by Deno's name of the platform, then by package. */
const WHEELS: Readonly<Record<string, Readonly<Record<"tensorflow-cpu" | "tensorflow", Wheel>>>> = {
  "x86_64-linux": {
    "tensorflow-cpu": {
      sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
      download: "274 MB",
    },
    "tensorflow": {
      sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
      download: "about 3 GB with its CUDA libraries",
    },
  },
};

/** The file in a folder of downloads that is locked while they go on. */
const LOCK = "lock";

/** Wheels of Linux are tagged by the oldest C library that they run on. */
const PLATFORM_TAGS = ["manylinux_2_27", "manylinux_2_17", "manylinux2014", "manylinux1"];

/**
 * Downloads the wheels beside the cache, checks and unpacks them there, then renames: nothing half-made
 * is found later.
 *
 * @param cache The folder to make
 * @param name Which package
 * @param notify Told of progress
 * @throws {Error} If it cannot be had; the message says what to do
 */
export async function fetchTensorflow(
  cache: string,
  name: "tensorflow-cpu" | "tensorflow",
  notify: (message: string) => void,
): Promise<void> {
  const platform = `${Deno.build.arch}-${Deno.build.os}`;
  const wheel = WHEELS[platform]?.[name];
  if (!wheel) {
    throw new Error(
      `Cannot fetch TensorFlow as no library for ${platform} is known: set REALIGN_LIBTENSORFLOW to a folder that holds one`,
    );
  }
  const partial = `${cache}.${Deno.pid}.partial`;
  try {
    await removeAbandoned(cache);
    await Deno.mkdir(partial, { recursive: true });
    using lock = await Deno.open(`${partial}/${LOCK}`, { write: true, create: true });
    await lock.lock(true).catch(() => {}); // some file systems have no locks
    notify(`Fetching ${name} ${TENSORFLOW_VERSION} (${wheel.download}, once) into ${cache}`);
    const path = await downloadWheel(`${name}==${TENSORFLOW_VERSION}`, partial);
    const metadata = await unpackWheel(path, partial, {
      wanted: (file) => /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(file),
      sha256: wheel.sha256,
      notify,
    });
    // TensorFlow looks for its CUDA libraries in ../nvidia/*/lib beside its own folder.
    for (const requirement of name === "tensorflow" ? cudaRequirements(metadata) : []) {
      notify(`Fetching ${requirement}`);
      const part = await downloadWheel(requirement, partial);
      const wanted = (file: string) => /^nvidia\/.*\/(lib|bin)\//.test(file);
      await unpackWheel(part, partial, { wanted, notify });
    }
    await Deno.rename(partial, cache).catch(async (error) => {
      // Another process was faster.
      if (!await Deno.stat(`${cache}/tensorflow`).catch(() => undefined)) throw error;
    });
    await Deno.remove(`${cache}/${LOCK}`).catch(() => {});
  } catch (error) {
    throw new Error(
      `Cannot fetch TensorFlow ${TENSORFLOW_VERSION}: ${
        reasonOf(error)
      }. Install python3 with pip, or set REALIGN_LIBTENSORFLOW`,
    );
  } finally {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
  }
}

/**
 * Removes what processes that were killed had downloaded beside a cache: gigabytes, maybe. What another
 * process is fetching stays: it holds the lock.
 */
export async function removeAbandoned(cache: string): Promise<void> {
  const parent = dirname(cache);
  const entries = await Array.fromAsync(Deno.readDir(parent)).catch(() => []);
  for (const { name } of entries) {
    const isPartial = name.startsWith(`${basename(cache)}.`) && /\.\d+\.partial$/.test(name);
    if (!isPartial) continue;
    const folder = join(parent, name);
    try {
      using lock = await Deno.open(join(folder, LOCK), { write: true });
      if (await lock.tryLock(true)) await Deno.remove(folder, { recursive: true });
    } catch {
      continue; // it has just been begun, or it is gone
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "python3 is not on PATH";
  return error instanceof Error ? error.message : String(error);
}

/** Downloads the wheel that a requirement such as "name<13.0,>=12.5" asks for. */
async function downloadWheel(requirement: string, folder: string): Promise<string> {
  const target = `${folder}/wheels/${requirement.split(/[<>=!~]/)[0]}`;
  await Deno.mkdir(target, { recursive: true });
  const tags = PLATFORM_TAGS.flatMap((tag) => ["--platform", `${tag}_${Deno.build.arch}`]);
  await runPython([
    ...["-m", "pip", "download", "--quiet", "--disable-pip-version-check"],
    ...["--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11"],
    ...tags,
    ...["--dest", target, requirement],
  ]);
  for await (const { name } of Deno.readDir(target)) {
    if (name.endsWith(".whl")) return `${target}/${name}`;
  }
  throw new Error(`pip downloaded no wheel for ${requirement}`);
}

/**
 * Runs the Python on PATH.
 *
 * @returns What it prints
 * @throws {Error} With its own last error, if it fails
 */
export async function runPython(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("python3", {
    args: [...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(
      new TextDecoder().decode(stderr).trim().split("\n").findLast((line) =>
        line.startsWith("ERROR")
      ) ?? "python3 failed",
    );
  }
  return new TextDecoder().decode(stdout);
}

/** The CUDA wheels that a TensorFlow wheel's metadata asks for. */
export function cudaRequirements(metadata: string): string[] {
  return [
    ...metadata.matchAll(
      /^Requires-Dist: (nvidia-[\w-]+)\s*\(?([=<>~!,.\d]+)\)?\s*;.*extra == ['"]and-cuda['"]/gm,
    ),
  ]
    .map(([, name, version]) => `${name}${version}`);
}
