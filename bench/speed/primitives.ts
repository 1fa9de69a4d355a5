/**
 * What oneDNN, which both sides compute by, says of its time.
 *
 * @module
 */

/** Has oneDNN write a line for everything that it runs, and TensorFlow run one thing at a time: else times overlap. */
export const TELL_PRIMITIVES = {
  ONEDNN_VERBOSE: "profile_exec",
  DNNL_VERBOSE: "profile_exec",
  TF_NUM_INTEROP_THREADS: "1",
};

/** Whether a line is one of oneDNN's. */
export function isPrimitive(line: string): boolean {
  return line.startsWith("onednn_verbose");
}

/**
 * Adds up what was run.
 *
 * @param lines As oneDNN writes them: comma-separated fields, "exec", the engine and the kind among
 * them, milliseconds last
 * @returns Milliseconds by kind, e.g. "convolution"
 */
export function millisecondsByKind(lines: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of lines) {
    const fields = line.split(",");
    const at = fields.indexOf("exec");
    const milliseconds = Number(fields.at(-1));
    if (at < 0 || !Number.isFinite(milliseconds)) continue;
    const kind = fields[at + 2];
    sums[kind] = (sums[kind] ?? 0) + milliseconds;
  }
  return sums;
}
