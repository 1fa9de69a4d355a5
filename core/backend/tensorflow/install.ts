/**
 * Finds TensorFlow's C library, or fetches it once.
 *
 * In order: the folder that `REALIGN_LIBTENSORFLOW` names; a TensorFlow in the Python on PATH; what was
 * fetched before; else TensorFlow's wheel, by `python3 -m pip download`, unpacked into the user's cache.
 *
 * @module
 */
import { resolve } from "node:path";
import { fetchTensorflow, runPython, TENSORFLOW_VERSION } from "./fetch.ts";

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
      `Cannot find TensorFlow as REALIGN_LIBTENSORFLOW points to ${named}, which has no libtensorflow_cc.so.2`,
    );
  }
  const cuda = hasNvidiaGpu();
  const own = findCacheFolder();
  const cache = own && `${own}/tensorflow-${TENSORFLOW_VERSION}${cuda ? "-cuda" : ""}`;
  const cached = `${cache}/tensorflow`;
  if (cache && await holdsLibrary(cached)) return { folder: cached, source: "cache" };
  const installed = await pythonTensorflow();
  if (installed && await holdsLibrary(installed)) return { folder: installed, source: "python" };
  if (!fetch) {
    throw new Error(
      "Cannot find TensorFlow: run `deno task doctor` once with network access",
    );
  }
  await fetchTensorflow(cache ?? cacheFolder(), cuda ? "tensorflow" : "tensorflow-cpu", notify);
  return { folder: cached, source: "fetched" };
}

/**
 * The user's cache folder for Realign; `REALIGN_CACHE` names another. Relative paths are resolved.
 *
 * @throws {Error} If no environment variable determines it
 */
export function cacheFolder(): string {
  const folder = findCacheFolder();
  if (folder !== undefined) return folder;
  throw new Error(
    "Cannot choose a cache folder for TensorFlow as HOME is not set: set REALIGN_CACHE to a folder",
  );
}

function findCacheFolder(): string | undefined {
  const read = (name: string) => Deno.env.get(name) || undefined;
  const below = (folder: string | undefined, ...names: string[]) =>
    folder && [resolve(folder), ...names].join("/");
  const named = read("REALIGN_CACHE");
  if (named) return resolve(named);
  const home = read("HOME") ?? read("USERPROFILE");
  if (Deno.build.os === "darwin") return below(home, "Library", "Caches", "realign");
  if (Deno.build.os === "windows") return below(read("LOCALAPPDATA") ?? home, "realign");
  return below(read("XDG_CACHE_HOME"), "realign") ?? below(home, ".cache", "realign");
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
