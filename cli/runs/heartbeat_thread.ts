/**
 * The thread that renews claims, however long a step keeps the main thread from it.
 *
 * @module
 */
import { type ClaimText, formatClaim } from "./claim_file.ts";

/** What the thread is told. */
export type Heartbeat =
  | {
    readonly path: string;
    /** The file that another process makes who takes the claim over. */
    readonly next: string;
    readonly text: ClaimText;
    /** Milliseconds between beats. */
    readonly every: number;
  }
  | { readonly stop: string };

/** What the thread tells: a claim that is another's now. */
export interface LostClaim {
  readonly lost: string;
}

/** This thread: the types are those of a window, which has no such method. */
const thread = self as unknown as { postMessage(message: LostClaim): void };

const timers = new Map<string, ReturnType<typeof setInterval>>();

function stop(path: string): void {
  clearInterval(timers.get(path));
  timers.delete(path);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

self.onmessage = ({ data }: MessageEvent<Heartbeat>) => {
  if ("stop" in data) return stop(data.stop);
  const { path, next, text, every } = data;
  let beat = 0;
  const renew = () => {
    if (isThere(next)) {
      stop(path);
      return thread.postMessage({ lost: path });
    }
    try {
      using file = Deno.openSync(path, { write: true });
      file.writeSync(formatClaim(text, ++beat));
    } catch {
      // A file system that hangs for a moment may have the next one.
    }
  };
  timers.set(path, setInterval(renew, every));
};
