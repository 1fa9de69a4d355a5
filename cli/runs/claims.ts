/**
 * Pieces of work that any number of processes and machines share: each is done by one at a time.
 *
 * The claim of a piece is the last of the files NAME.1, NAME.2, ... in a folder. Each is made by `createNew`, which
 * lets one process win and no other, and none is ever renamed or removed: so whoever takes over a dead owner's
 * claim, or one that was freed, makes the next file, however late it found out. An owner renews its file; it is dead
 * if the file does not change for a while by the clock of who waits. Where owner and waiter are on one machine, the
 * system's lock of the file tells at once.
 *
 * @module
 */
import { join } from "node:path";
import { fileError } from "../system/failure.ts";
import { hostName, machineId } from "../system/machine.ts";
import { isThere, makeFolder, readWhole } from "../system/safe_file.ts";
import { type ClaimText, formatClaim, FREE, type Holder, parseClaim } from "./claim_file.ts";
import { tryLock } from "./file_lock.ts";
import type { Heartbeat, LostClaim } from "./heartbeat_thread.ts";

/** Beats of an owner until it counts as dead. */
const BEATS = 12;

/** Milliseconds between two looks at a claim after which the waiter itself may have slept, machine and all. */
const SLEPT = 30_000;

/** What is known of a file that was looked at. */
interface Seen {
  readonly print: string;
  readonly since: number;
  readonly looked: number;
}

/** A claim that is held; dispose it to free the piece of work. */
export class Claim implements Disposable {
  readonly #free: () => void;

  /** @param free Frees the piece of work */
  constructor(free: () => void) {
    this.#free = free;
    // Also where a signal ends the process at once.
    globalThis.addEventListener("unload", free);
  }

  [Symbol.dispose](): void {
    globalThis.removeEventListener("unload", this.#free);
    this.#free();
  }
}

/** The claims of a folder, as one process sees them. Dispose it after its claims. */
export class Claims implements Disposable {
  readonly #folder: string;
  readonly #seconds: number;
  readonly #onLost: (message: string) => void;
  /** The last file of a piece that is known of. */
  readonly #numbers = new Map<string, number>();
  readonly #seen = new Map<string, Seen>();
  #thread: Worker | undefined;

  /**
   * @param folder Of all claims, which all processes see; made with the first one
   * @param seconds Without a beat, after which an owner counts as dead. Those of a claim are its owner's
   * @param onLost Told once a claim of this process was taken over, as it did not beat: its work must end
   */
  constructor(folder: string, seconds: number, onLost: (message: string) => void) {
    this.#folder = folder;
    this.#seconds = seconds;
    this.#onLost = onLost;
  }

  /** Seconds after which it is worth to look again. */
  get patience(): number {
    return Math.min(5, this.#seconds / 8);
  }

  /**
   * Claims a piece of work.
   *
   * @param name Of the piece: a file's name
   * @returns The claim, or who has the piece
   * @throws {Error} One line if the folder cannot be written
   */
  async take(name: string): Promise<Claim | Holder> {
    await makeFolder(this.#folder);
    const path = (number: number) => join(this.#folder, `${name}.${number}`);
    let number = this.#numbers.get(name) ?? 0;
    for (;;) {
      while (await isThere(path(number + 1))) number++;
      this.#numbers.set(name, number);
      const holder = number === 0 ? undefined : await this.#holderOf(path(number));
      if (holder) return holder;
      // Another process may be the first: then it has the piece.
      const claim = await this.#make(path(++number), path(number + 1));
      if (claim) return claim;
    }
  }

  /** Makes a claim's file; undefined if another process has made it. */
  async #make(path: string, next: string): Promise<Claim | undefined> {
    const { host, machine } = { host: hostName(), machine: await machineId() };
    const text: ClaimText = { host, process: Deno.pid, machine, seconds: this.#seconds };
    let file: Deno.FsFile | undefined;
    try {
      file = await Deno.open(path, { read: true, write: true, createNew: true });
      // Locked before it says whose it is: until then nobody asks for the lock.
      await tryLock(file);
      await file.write(formatClaim(text, 0));
      await file.sync();
    } catch (error) {
      file?.close();
      if (error instanceof Deno.errors.AlreadyExists) return undefined;
      throw fileError("write", path, error);
    }
    const every = 1000 * this.#seconds / BEATS;
    this.#tell({ path, next, text, every });
    return new Claim(() => {
      this.#tell({ stop: path });
      try {
        Deno.writeTextFileSync(next, FREE, { createNew: true });
      } catch {
        // It was taken over, or cannot be written: then the file without a beat frees it.
      }
      file.close();
    });
  }

  /** Who has a claim; undefined if it was freed, or its owner is dead. */
  async #holderOf(path: string): Promise<Holder | undefined> {
    const text = new TextDecoder().decode(await readWhole(path));
    const { mtime } = await Deno.stat(path);
    if (text === FREE) return undefined;
    const claim = parseClaim(text);
    const { host = "?", process = 0, seconds = this.#seconds } = claim ?? {};
    if (claim && claim.machine === await machineId()) {
      using file = await Deno.open(path, { read: true, write: true });
      const isFree = await tryLock(file);
      if (isFree !== undefined) return isFree ? undefined : { host, process };
    }
    return this.#isSilent(path, `${mtime?.getTime()} ${text}`, seconds)
      ? undefined
      : { host, process };
  }

  /** Whether a file has not changed for longer than its owner may be silent, by this process's own clock. */
  #isSilent(path: string, print: string, seconds: number): boolean {
    const now = performance.now();
    const seen = this.#seen.get(path);
    const isSame = seen?.print === print && now - seen.looked < Math.max(SLEPT, 500 * seconds);
    const since = isSame ? seen.since : now;
    this.#seen.set(path, { print, since, looked: now });
    return now - since > 1000 * seconds;
  }

  #tell(message: Heartbeat): void {
    if (!this.#thread) {
      const url = new URL("./heartbeat_thread.ts", import.meta.url);
      this.#thread = new Worker(url, { type: "module" });
      this.#thread.onmessage = ({ data: { lost } }: MessageEvent<LostClaim>) =>
        this.#onLost(`${lost} was taken over as it was not renewed for ${this.#seconds} s`);
      this.#thread.onerror = (event) => {
        event.preventDefault();
        this.#onLost(`claims cannot be renewed: ${event.message}`);
      };
    }
    this.#thread.postMessage(message);
  }

  [Symbol.dispose](): void {
    this.#thread?.terminate();
  }
}
