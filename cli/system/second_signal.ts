/**
 * Lets a second signal end the process even while a computation keeps the first one from being heard.
 *
 * @module
 */

/** What a system's C library is called, and where `struct sigaction` has its flags. */
interface Layout {
  readonly library: string;
  /** Bytes of the structure. */
  readonly size: number;
  /** Where its flags are. */
  readonly flagsAt: number;
  /** SA_RESETHAND: the first signal is handled, and the next one ends the process. */
  readonly resetHandler: number;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  linux: { library: "libc.so.6", size: 152, flagsAt: 136, resetHandler: 0x80000000 },
  darwin: { library: "libSystem.B.dylib", size: 16, flagsAt: 12, resetHandler: 0x4 },
};

const NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGTERM: 15 };

const symbols = {
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
} as const;

/**
 * Makes the system forget the handlers of SIGINT and SIGTERM once they were called, so that the next one
 * ends the process at once, however busy it is. JavaScript cannot do that: while a step is computed, no
 * listener is called. Call it when the listeners are there. Without FFI, or on other systems, it does
 * nothing.
 */
export function handleSignalsOnce(): void {
  const layout = LAYOUTS[Deno.build.os];
  if (!layout || Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return;
  const { library, size, flagsAt, resetHandler } = layout;
  let libc: Deno.DynamicLibrary<typeof symbols>;
  try {
    libc = Deno.dlopen(library, symbols);
  } catch {
    return; // another C library
  }
  for (const number of Object.values(NUMBERS)) {
    const action = new Uint8Array(size);
    if (libc.symbols.sigaction(number, null, action) !== 0) continue;
    const view = new DataView(action.buffer);
    view.setUint32(flagsAt, view.getUint32(flagsAt, true) | resetHandler, true);
    libc.symbols.sigaction(number, action, null);
  }
  libc.close();
}
