/**
 * `realign doctor`: checks the backend and its speed.
 *
 * @module
 */
import type { Command } from "commander";
import { readEnvironment } from "../system/environment.ts";
import { measurePrecision, type PrecisionGain } from "../system/measure_precision.ts";
import { measureConvolution } from "../system/measure_convolution.ts";
import { type BackendOptions, type Context, refuseOverrides, withBackend } from "./options.ts";
import { Output } from "../terminal/output.ts";
import { startBackend } from "./start_backend.ts";

/** Adds the command. */
export function addDoctor(program: Command, context: Context): void {
  withBackend(program.command("doctor"))
    .description(
      "print backend, library and devices, and time a convolution, in half precision too",
    )
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
      const gain = await measurePrecision();
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
        ["bfloat16", gain && describeGain(gain)],
      ];
      output.result(
        { ...environment, convolutionGflops: Number(rate.toFixed(1)), bfloat16: gain },
        lines.filter(([, value]) => value !== undefined)
          .map(([name, value]) => `${name.padEnd(13)}${value}`).join("\n"),
      );
    });
}

/** From this gain on, what is cast around convolutions is made up for. */
const WORTH = 1.2;

/**
 * What half precision gains, in words.
 *
 * @example Usage
 * ```ts
 * import { describeGain } from "./doctor.ts";
 * import assert from "node:assert/strict";
 *
 * const text = describeGain({ instructions: ["avx512_bf16"], gains: { 64: 1.3, 128: 1.9 } });
 * assert.ok(text.startsWith("1.30 (64 channels), 1.90 (128 channels) times as fast as float32"));
 * ```
 */
export function describeGain({ instructions, gains }: PrecisionGain): string {
  const each = Object.entries(gains).map(([channels, gain]) =>
    `${gain.toFixed(2)} (${channels} channels)`
  );
  const isWorth = Math.max(...Object.values(gains)) >= WORTH;
  const cpu = instructions === undefined
    ? ""
    : `the CPU has ${
      instructions.length > 0 ? instructions.join(", ") : "no instructions for it"
    }; `;
  return `${each.join(", ")} times as fast as float32; ${cpu}` +
    (isWorth ? "train with --precision bfloat16" : "--precision bfloat16 gains nothing");
}
