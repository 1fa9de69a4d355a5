/**
 * Takes single files out of a Python wheel, which is a zip file.
 *
 * @module
 */
import { configure, type FileEntry, Reader, TextWriter, ZipReader } from "@zip.js/zip.js";

/** What is taken out. */
export interface UnpackOptions {
  /** Whether a file of the wheel, by its path, is wanted. */
  readonly wanted: (name: string) => boolean;
  /** Digest that the wheel must have. */
  readonly sha256?: string;
  /** Told how far it is. */
  readonly notify?: (message: string) => void;
}

/** Reads a file piece by piece. */
class FileReader extends Reader<Deno.FsFile> {
  readonly #file: Deno.FsFile;
  constructor(file: Deno.FsFile, size: number) {
    super(file);
    this.#file = file;
    this.size = size;
  }
  override async readUint8Array(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.min(length, this.size - offset));
    await this.#file.seek(offset, Deno.SeekMode.Start);
    for (let read = 0; read < bytes.length;) {
      const count = await this.#file.read(bytes.subarray(read));
      if (count === null) throw new Error("the file ends early");
      read += count;
    }
    return bytes;
  }
}

/**
 * Unpacks the wanted files of a wheel, then removes the wheel.
 *
 * @param path The wheel
 * @param folder Where the files go, at their paths in the wheel
 * @returns The wheel's METADATA
 * @throws {Error} If the digest is another, or the wheel is broken or has none of the files; one line
 */
export async function unpackWheel(
  path: string,
  folder: string,
  options: UnpackOptions,
): Promise<string> {
  try {
    const { sha256 } = options;
    const digest = sha256 && await digestOf(path);
    if (digest !== sha256) {
      throw new Error(`the download's sha256 is ${digest} instead of ${sha256}`);
    }
    const metadata = await unpack(path, folder, options);
    await Deno.remove(path);
    return metadata;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Error(`Cannot unpack ${path}: ${reason}`);
  }
}

async function unpack(
  path: string,
  folder: string,
  { wanted, notify = () => {} }: UnpackOptions,
): Promise<string> {
  configure({ useWebWorkers: false });
  const { size } = await Deno.stat(path);
  using file = await Deno.open(path);
  let metadata = "";
  let count = 0;
  const zip = new ZipReader(new FileReader(file, size));
  for await (const entry of zip.getEntriesGenerator()) {
    if (entry.directory) continue;
    if (entry.filename.endsWith(".dist-info/METADATA")) {
      metadata = await (entry as FileEntry).getData(new TextWriter(), { checkSignature: true });
    }
    if (!wanted(entry.filename)) continue;
    count++;
    const target = `${folder}/${entry.filename}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    const output = await Deno.open(target, { write: true, create: true });
    let shown = 0;
    await (entry as FileEntry).getData(output.writable, {
      checkSignature: true,
      onprogress: (done, total) => {
        const tenth = Math.floor(10 * done / total);
        if (total > 1e8 && tenth > shown) {
          notify(`Unpacking ${entry.filename}: ${10 * (shown = tenth)} %`);
        }
        return undefined;
      },
    });
  }
  await zip.close();
  if (count === 0) throw new Error("it has none of the files that are needed");
  return metadata;
}

async function digestOf(path: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
