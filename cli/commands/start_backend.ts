/**
 * Starts the backend and prints its name.
 *
 * @module
 */
import { type BackendInfo, selectBackend } from "@realign/core/backend";
import type { BackendOptions } from "./options.ts";
import type { Output } from "../terminal/output.ts";

/** Selects the backend that the options name. */
export async function startBackend(options: BackendOptions, output: Output): Promise<BackendInfo> {
  const { backend, device, threads } = options;
  const info = await selectBackend(backend, {
    device,
    threads,
    notify: (message) => output.note(message),
  });
  output.detail(`backend ${info.name} ${info.version} on ${info.devices.join(", ")}`);
  return info;
}
