/**
 * `realign doctor`: whether and how fast this machine computes.
 *
 * @module
 */
import type { Command } from "commander";
import { readEnvironment } from "../system/environment.ts";
import { measureConvolution } from "../system/measure_convolution.ts";
import { type BackendOptions, type Context, refuseOverrides, withBackend } from "./options.ts";
import { Output } from "../terminal/output.ts";
import { startBackend } from "./start_backend.ts";

/** Adds the command. */
export function addDoctor(program: Command, context: Context): void {
  withBackend(program.command("doctor"))
    .description("print backend, library and devices, and time one convolution")
    .addHelpText(
      "after",
      `
Examples:
  realign doctor
  realign doctor --backend wasm --json`,
    )
    .action(async (options: BackendOptions) => {
      refuseOverrides(context, "doctor uses no preset");
      const output = new Output(options.json ?? false);
      const backend = await startBackend(options, output);
      const environment = await readEnvironment(options.threads);
      const rate = await measureConvolution();
      const lines: [string, string | undefined][] = [
        ["realign", environment.realign],
        ["deno", environment.deno],
        ["platform", environment.platform],
        ["cpu", environment.cpu],
        ["threads", String(environment.threads)],
        [
          "memory",
          environment.memoryGiB === undefined ? undefined : `${environment.memoryGiB} GiB`,
        ],
        ["backend", `${backend.name} ${backend.version}`],
        ["library", backend.library],
        ["devices", backend.devices.join(", ")],
        ["convolution", `${rate.toFixed(0)} GFLOP/s (3x3, 256 channels)`],
      ];
      output.result(
        { ...environment, convolutionGflops: Number(rate.toFixed(1)) },
        lines.filter(([, value]) => value !== undefined)
          .map(([name, value]) => `${name.padEnd(13)}${value}`).join("\n"),
      );
    });
}
