/**
 * Finds TensorFlow's C library, or fetches it once.
 *
 * In order: the folder that `REALIGN_LIBTENSORFLOW` names; a TensorFlow in the Python on PATH; what was
 * fetched before; else TensorFlow's wheel, by `python3 -m pip download`, unpacked into the user's cache.
 *
 * @module
 */
import { unpackWheel } from "./unpack_wheel.ts";

/** The version that is fetched, and that results were measured with. */
export const TENSORFLOW_VERSION = "2.21.0";

/** The wheels that are fetched, by Deno's name of the platform. Any Python's wheel holds the same library. */
const WHEELS: Readonly<
  Record<string, { readonly tags: readonly string[]; readonly sha256: string }>
> = {
  "x86_64-linux": {
    tags: ["manylinux_2_27_x86_64"],
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  },
};

/** Where the library was found. */
export interface Libtensorflow {
  /** Folder of libtensorflow_cc and libtensorflow_framework. */
  readonly folder: string;
  readonly source: "REALIGN_LIBTENSORFLOW" | "python" | "cache" | "fetched";
}

/** What may be done to find the library. */
export interface ProvideOptions {
  /** @default {true} */
  readonly fetch?: boolean;
  /** Told of downloads and their progress. */
  readonly notify?: (message: string) => void;
}

/**
 * Finds the folder of libtensorflow_cc, fetching it if need be.
 *
 * @throws {Error} If it is not there and cannot be fetched; the message says what to do
 */
export async function provideLibtensorflow(
  { fetch = true, notify = () => {} }: ProvideOptions = {},
): Promise<Libtensorflow> {
  const named = Deno.env.get("REALIGN_LIBTENSORFLOW");
  if (named) {
    if (await holdsLibrary(named)) return { folder: named, source: "REALIGN_LIBTENSORFLOW" };
    throw new Error(
      `Cannot find TensorFlow as REALIGN_LIBTENSORFLOW names ${named}, which holds no libtensorflow_cc.so.2`,
    );
  }
  const cache = `${cacheFolder()}/tensorflow-${TENSORFLOW_VERSION}${hasNvidiaGpu() ? "-cuda" : ""}`;
  const cached = `${cache}/tensorflow`;
  if (await holdsLibrary(cached)) return { folder: cached, source: "cache" };
  const installed = await pythonTensorflow();
  if (installed && await holdsLibrary(installed)) return { folder: installed, source: "python" };
  if (!fetch) {
    throw new Error(
      "Cannot find TensorFlow: run `deno task doctor` once while the network can be reached",
    );
  }
  await fetchTensorflow(cache, notify);
  return { folder: cached, source: "fetched" };
}

/** The user's cache folder for Realign; `REALIGN_CACHE` names another. */
export function cacheFolder(): string {
  const named = Deno.env.get("REALIGN_CACHE");
  if (named) return named;
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  if (Deno.build.os === "darwin") return `${home}/Library/Caches/realign`;
  if (Deno.build.os === "windows") return `${Deno.env.get("LOCALAPPDATA") ?? home}/realign`;
  return `${Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`}/realign`;
}

async function holdsLibrary(folder: string): Promise<boolean> {
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_cc.2.dylib"]) {
    if (await Deno.stat(`${folder}/${name}`).then(({ isFile }) => isFile, () => false)) return true;
  }
  return false;
}

/** Whether NVIDIA's driver is here and sees a GPU: /proc, which knows too, is closed to narrow permissions. */
function hasNvidiaGpu(): boolean {
  try {
    const driver = Deno.dlopen(Deno.build.os === "windows" ? "nvcuda.dll" : "libcuda.so.1", {
      cuInit: { parameters: ["u32"], result: "i32" },
      cuDeviceGetCount: { parameters: ["buffer"], result: "i32" },
    });
    const count = new Int32Array(1);
    return driver.symbols.cuInit(0) === 0 &&
      driver.symbols.cuDeviceGetCount(count) === 0 && count[0] > 0;
  } catch {
    return false;
  }
}

/** Folder of the package `tensorflow` of the Python on PATH, if it is one that this backend knows. */
async function pythonTensorflow(): Promise<string | undefined> {
  const script = "import importlib.util as u, importlib.metadata as m; " +
    "s = u.find_spec('tensorflow'); print(s.submodule_search_locations[0] if s else ''); " +
    "print(next((m.version(p) for p in ('tensorflow', 'tensorflow-cpu') if any(d.metadata['Name'] == p for d in m.distributions())), ''))";
  const output = await runPython(["-c", script]).catch(() => undefined);
  const [folder, version] = output?.split("\n").map((line) => line.trim()) ?? [];
  return folder && version?.startsWith("2.21.") ? folder : undefined;
}

async function runPython(args: readonly string[]): Promise<string> {
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

/** Downloads the wheels beside the cache, checks and unpacks them there, then renames: nothing half-made is found later. */
async function fetchTensorflow(cache: string, notify: (message: string) => void): Promise<void> {
  const platform = `${Deno.build.arch}-${Deno.build.os}`;
  const wheel = WHEELS[platform];
  if (!wheel) {
    throw new Error(
      `Cannot fetch TensorFlow as no library for ${platform} is known: set REALIGN_LIBTENSORFLOW to a folder that holds one`,
    );
  }
  const partial = `${cache}.${Deno.pid}.partial`;
  try {
    await Deno.mkdir(partial, { recursive: true });
    const gpu = cache.endsWith("-cuda");
    const first = gpu ? "tensorflow" : "tensorflow-cpu";
    notify(
      `Fetching ${first} ${TENSORFLOW_VERSION} (${
        gpu ? "about 3 GB" : "274 MB"
      }, once) into ${cache}`,
    );
    const path = await downloadWheel(`${first}==${TENSORFLOW_VERSION}`, partial, wheel.tags);
    const requirements = await unpackWheel(path, partial, {
      wanted: (name) => /^tensorflow\/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$/.test(name),
      sha256: gpu ? undefined : wheel.sha256,
      notify,
    });
    // TensorFlow looks for its CUDA libraries in ../nvidia/*/lib beside its own folder.
    for (const requirement of gpu ? cudaRequirements(requirements) : []) {
      notify(`Fetching ${requirement}`);
      const part = await downloadWheel(requirement, partial, [
        ...wheel.tags,
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
        "manylinux1_x86_64",
      ]);
      await unpackWheel(part, partial, {
        wanted: (name) => /^nvidia\/.*\/(lib|bin)\//.test(name),
        notify,
      });
    }
    await Deno.rename(partial, cache);
  } catch (error) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    const reason = error instanceof Deno.errors.NotFound
      ? "python3 is not on PATH"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new Error(
      `Cannot fetch TensorFlow ${TENSORFLOW_VERSION}: ${reason}. Install python3 with pip, or set REALIGN_LIBTENSORFLOW`,
    );
  }
}

async function downloadWheel(
  requirement: string,
  folder: string,
  tags: readonly string[],
): Promise<string> {
  const target = `${folder}/wheels/${requirement.split("=")[0]}`;
  await Deno.mkdir(target, { recursive: true });
  await runPython([
    ...[
      "-m",
      "pip",
      "download",
      "--no-deps",
      "--quiet",
      "--disable-pip-version-check",
      "--only-binary=:all:",
    ],
    ...[
      "--python-version",
      "3.11",
      "--implementation",
      "cp",
      ...tags.flatMap((tag) => ["--platform", tag]),
    ],
    ...["--dest", target, requirement],
  ]);
  for await (const { name } of Deno.readDir(target)) {
    if (name.endsWith(".whl")) return `${target}/${name}`;
  }
  throw new Error(`pip gave no wheel for ${requirement}`);
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
