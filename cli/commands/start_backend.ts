/**
 * Starts the backend and prints its name; says what it cannot do.
 *
 * @module
 */
import { type BackendInfo, selectBackend } from "@realign/core/backend";
import type { Preset } from "@realign/core";
import type { BackendOptions } from "./options.ts";
import { UsageError } from "../system/failure.ts";
import type { Output } from "../terminal/output.ts";

/** Selects the backend that the options name. */
export async function startBackend(options: BackendOptions, output: Output): Promise<BackendInfo> {
  const { backend, device, threads, cluster } = options;
  const info = await selectBackend(backend, {
    cluster,
    device,
    threads,
    notify: (message) => output.note(message),
  });
  output.detail(`backend ${info.name} ${info.version} on ${info.devices.join(", ")}`);
  if (cluster && info.name !== "tensorflow") {
    throw new UsageError(
      `Cannot train with several workers on ${info.name}: only tensorflow has what they need`,
    );
  }
  if (cluster) {
    const { addresses, index } = cluster;
    output.detail(`worker ${index} of ${addresses.length}, at ${addresses[index]}`);
  }
  return info;
}

/** Warns where a preset's precision has no effect: only TensorFlow multiplies in bfloat16. */
export function warnOfPrecision(
  { precision = "float32" }: Pick<Preset, "precision">,
  { name }: Pick<BackendInfo, "name">,
  output: Pick<Output, "warn">,
): void {
  if (precision === "float32" || name === "tensorflow") return;
  output.warn(
    `the precision ${precision} has no effect on the ${name} backend, which computes in float32: use --backend tensorflow`,
  );
}

/** Warns where a run goes on with another backend than its record says. */
export function warnOfOtherBackend(
  before: unknown,
  { name }: Pick<BackendInfo, "name">,
  output: Pick<Output, "warn">,
): void {
  const { name: started } = Object(before) as { readonly name?: string };
  if (started === undefined || started === name) return;
  output.warn(`the run was started on ${started}: on ${name} its weights will differ slightly`);
}
