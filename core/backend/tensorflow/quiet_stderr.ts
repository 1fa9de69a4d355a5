/**
 * Keeps a native library from writing to standard error while it starts.
 *
 * TensorFlow announces CPU features and rounding at every start, and no variable of its own turns that
 * off before its log is set up. What really fails comes back as an error all the same.
 *
 * @module
 */

const STDERR = 2;
const WRITE_ONLY = 1;

const symbols = {
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * Runs something with standard error going nowhere; where the C library cannot be asked, just runs it.
 *
 * @param body What is run
 * @returns What `body` returns
 *
 * @example Usage
 * ```ts
 * import { withQuietStderr } from "./quiet_stderr.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(withQuietStderr(() => 7), 7);
 * ```
 */
export function withQuietStderr<T>(body: () => T): T {
  if (Deno.build.os !== "linux") return body();
  using library = openLibc();
  if (!library) return body();
  const { dup, dup2, open, close } = library.symbols;
  const saved = dup(STDERR);
  const nowhere = open(new TextEncoder().encode("/dev/null\0"), WRITE_ONLY);
  if (saved < 0 || nowhere < 0) return body();
  dup2(nowhere, STDERR);
  try {
    return body();
  } finally {
    dup2(saved, STDERR);
    close(saved);
    close(nowhere);
  }
}

function openLibc(): (Deno.DynamicLibrary<typeof symbols> & Disposable) | undefined {
  try {
    const library = Deno.dlopen("libc.so.6", symbols);
    return Object.assign(library, { [Symbol.dispose]: () => library.close() });
  } catch {
    return undefined;
  }
}
