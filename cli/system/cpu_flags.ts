/**
 * What the CPU has for half precision, as TensorFlow sees it: reading /proc/cpuinfo takes all of Deno's permissions.
 *
 * @module
 */

/** TensorFlow's numbers of the instructions that multiply bfloat16, by the names that Linux has for them. */
const FEATURES = { avx512_bf16: 39, amx_bf16: 43 } as const;

/** `bool tsl::port::TestCPUFeature(CPUFeature)`. */
const TEST = "_ZN3tsl4port14TestCPUFeatureENS0_10CPUFeatureE";

/**
 * The CPU's instructions for bfloat16.
 *
 * @param library TensorFlow's library, which is loaded already
 * @returns Any of "avx512_bf16" and "amx_bf16"; undefined where the library does not say
 */
export function bfloat16Flags(library: string): string[] | undefined {
  const opened = Deno.dlopen(library, {
    [TEST]: { parameters: ["i32"], result: "bool", optional: true },
  });
  try {
    const has = opened.symbols[TEST];
    if (!has) return undefined;
    return Object.entries(FEATURES).filter(([, feature]) => has(feature)).map(([name]) => name);
  } finally {
    opened.close();
  }
}
