/**
 * What is read of a model: its file, and files beside it.
 *
 * @module
 */

/** Reads files beside a model, each once, and names the model by all that was read. */
export class FilesBeside {
  readonly #files = new Map<string, Uint8Array>();
  /** Reads a file by its path from the model's folder; undefined where none can be read. */
  readonly read: ((location: string) => Promise<Uint8Array>) | undefined;

  /** @param readBeside Reads a file beside the model */
  constructor(readBeside: ((location: string) => Promise<Uint8Array>) | undefined) {
    this.read = readBeside && (async (location) => {
      const bytes = this.#files.get(location) ?? await readBeside(location);
      this.#files.set(location, bytes);
      return bytes;
    });
  }

  /**
   * SHA-256 of a model's file, as other programs give it; where files lie beside it, of the list of all digests.
   *
   * @param bytes The model's file
   */
  async digestWith(bytes: Uint8Array): Promise<string> {
    const own = await sha256(bytes);
    if (this.#files.size === 0) return own;
    const entries = [...this.#files].toSorted(([one], [other]) => one < other ? -1 : 1);
    const lines = await Promise.all(
      entries.map(async ([name, file]) => `${await sha256(file)}  ${name}\n`),
    );
    return await sha256(new TextEncoder().encode(`${own}\n${lines.join("")}`));
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
}
