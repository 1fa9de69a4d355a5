/**
 * Arrays in NumPy's .npz format, a zip of .npy files, read a piece at a time.
 *
 * @module
 */
import { type FileEntry, Reader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { open, stat } from "node:fs/promises";
import { assertRegular } from "./regular_file.ts";

/** One array of an .npz file. */
export interface NpzEntry {
  /** "FILE: ENTRY", what errors call it. */
  readonly name: string;
  /** Bytes of the .npy file. */
  readonly length: number;
  /** Whether the bytes are deflated, so that they cannot be read from the middle. */
  readonly compressed: boolean;
  /** All bytes, unpacked and checked. */
  readAll(): Promise<Uint8Array>;
  /** Some bytes of an entry that is not compressed. */
  readPart(offset: number, length: number): Promise<Uint8Array>;
}

/** The arrays of an .npz file, by name without ".npy". */
export interface Npz {
  readonly path: string;
  readonly entries: ReadonlyMap<string, NpzEntry>;
}

/** Bytes of the fixed part of what stands before each entry of a zip. */
const localHeaderLength = 30;

/** Reads a zip a piece at a time. The file is open only while it is read, so nothing needs closing. */
class FileReader extends Reader<string> {
  readonly #path: string;

  constructor(path: string, size: number) {
    super(path);
    this.#path = path;
    this.size = size;
  }

  override readUint8Array(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return readAt(this.#path, offset, Math.min(length, this.size - offset));
  }
}

async function readAt(
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const { bytesRead } = await file.read(bytes, at, length - at, offset + at);
      if (bytesRead === 0) throw new Error("the file is truncated");
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/**
 * Looks what is in an .npz file.
 *
 * @param path Of the file
 * @returns Its arrays
 * @throws {Error} If the file is missing or no zip; one line that names it
 */
export async function openNpz(path: string): Promise<Npz> {
  try {
    const stats = await stat(path);
    assertRegular(stats);
    const { size } = stats;
    const zip = new ZipReader(new FileReader(path, size), { useWebWorkers: false });
    const entries = new Map<string, NpzEntry>();
    for (const entry of await zip.getEntries()) {
      if (entry.directory || !entry.filename.endsWith(".npy")) continue;
      entries.set(entry.filename.slice(0, -".npy".length), createEntry(path, entry));
    }
    return { path, entries };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function createEntry(path: string, entry: FileEntry): NpzEntry {
  const name = `${path}: ${entry.filename}`;
  let begin: Promise<number> | undefined;
  return {
    name,
    length: entry.uncompressedSize,
    compressed: entry.compressionMethod !== 0,
    async readAll() {
      try {
        const options = { useWebWorkers: false, checkSignature: true };
        return await entry.getData(new Uint8ArrayWriter(), options);
      } catch (error) {
        throw unreadable(name, error);
      }
    },
    async readPart(offset, length) {
      try {
        begin ??= findBegin(path, entry.offset);
        return await readAt(path, await begin + offset, length);
      } catch (error) {
        throw unreadable(name, error);
      }
    },
  };
}

/** Where an entry's bytes begin: after its header, whose names and extra fields vary in length. */
async function findBegin(path: string, offset: number): Promise<number> {
  const header = await readAt(path, offset, localHeaderLength);
  const view = new DataView(header.buffer);
  return offset + localHeaderLength + view.getUint16(26, true) + view.getUint16(28, true);
}

function unreadable(name: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message.split("\n")[0] : `${error}`;
  return new Error(
    `Cannot read ${name}: ${reason}; the file is damaged or not .npz, download it again`,
  );
}
