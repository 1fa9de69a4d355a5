/**
 * `realign certify`: certified radii of a run's images.
 *
 * @module
 */
import type { Preset } from "@realign/core";
import { type Command, InvalidArgumentError } from "commander";
import { chooseFrom } from "../presets/choose_evaluation.ts";
import { certificateText } from "../report/certificate_words.ts";
import { NO_CACHE } from "../runs/cache_key.ts";
import { assertCertifiable, certify } from "../stages/certification.ts";
import { openKit, openSystems } from "../stages/systems.ts";
import { prepareTarget } from "../stages/target.ts";
import { UsageError, withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import type { Output } from "../terminal/output.ts";
import { resumeRun } from "./open_run.ts";
import {
  type BackendOptions,
  beginOutput,
  type Context,
  exampleCount,
  refuseOverrides,
  type RunsOptions,
  wholeNumber,
  withBackend,
  withData,
  withPlugin,
  withRunsFolder,
} from "./options.ts";

interface CertifyOptions extends BackendOptions, RunsOptions {
  readonly data?: string;
  readonly plugin?: string;
  readonly sigma?: number;
  readonly examples: number;
  readonly draws: number;
  readonly selectionDraws: number;
  readonly alpha: number;
  readonly systems: string;
  readonly replace?: boolean;
}

/** More take days for an image. */
const MOST_DRAWS = 1e7;

/** Adds the command. */
export function addCertify(program: Command, context: Context): void {
  withPlugin(withData(withRunsFolder(withBackend(program.command("certify")))))
    .description("certify L2 radii of a run's images by randomised smoothing, without and behind G")
    .argument("<run>", 'a run: its ID or the start of it, a path, or "latest"')
    .option(
      "--sigma <s>",
      "standard deviation of the noise of a pixel in [0, 1]; the noise that G was trained on if left out",
      positive,
    )
    .option("--examples <n>", 'number of images, drawn by seed, or "all"', exampleCount, 100)
    .option(
      "--draws <n>",
      "draws that bound an image's class probability",
      wholeNumber(1, MOST_DRAWS),
      10_000,
    )
    .option(
      "--selection-draws <n>",
      "draws before them that choose the class",
      wholeNumber(1, MOST_DRAWS),
      100,
    )
    .option("--alpha <a>", "chance that an image's certificate is false", chance, 0.001)
    .option(
      "--systems <names>",
      'systems of the preset besides O alone, comma-separated; "none" for O alone',
      "generator",
    )
    .option("--replace", "replace certificates of other settings")
    .addHelpText(
      "after",
      `
G must have been trained to remove Gaussian noise, as by: realign train cls-shapes-certified
The result is saved with the run as certificate.json, each image as soon as it is finished: the same command
goes on where it was stopped, and adds images with a larger --examples. The report shows it.

Examples:
  realign certify latest
  realign certify latest --sigma 0.25 --examples 100 --draws 10000 --alpha 0.001
  realign certify latest --examples 500 --json`,
    )
    .action(async (name: string, options: CertifyOptions) => {
      refuseOverrides(context, "a run is certified with its own settings");
      const output = beginOutput(options, context);
      const work = { ...options, cache: NO_CACHE };
      using run = await resumeRun(name, work, { overrides: [] }, output, {
        training: false,
        adjust: (preset) => ({
          ...preset,
          evaluation: chooseFrom(
            preset.evaluation,
            { attacks: "none", systems: options.systems },
            preset.name,
          ),
        }),
      });
      const { bench, store } = run;
      const { draws, selectionDraws, alpha, examples, replace = false, threads } = options;
      const sigma = sigmaOf(store.record.preset, options.sigma, output);
      const settings = { sigma, selectionDraws, draws, alpha };
      const words = context.words.map((word) => word === "latest" ? store.word : word);
      const certification = await withContinuation(() => shellLine(words), async () => {
        for (const warning of store.record.warnings) output.warn(warning);
        using kit = openKit(bench, store);
        using systems = await openSystems(bench, kit);
        assertCertifiable(bench, systems);
        output.ready();
        await prepareTarget(bench, store, output);
        const request = { settings, examples, replace, threads };
        return await certify(bench, systems, store, request, output);
      });
      output.result(certification, certificateText(certification));
    });
}

/** The noise: as given, else that of G's training. Warns where the two differ. */
function sigmaOf(
  { attack, name }: Preset,
  given: number | undefined,
  output: Output,
): number {
  const trained = attack.name === "gaussian" ? attack.sigma as number | undefined : undefined;
  if (given === undefined && trained === undefined) {
    throw new UsageError(
      `Cannot certify without --sigma as G of ${name} was not trained on Gaussian noise: set it, or train a preset with attack.name "gaussian"`,
    );
  }
  const sigma = given ?? trained!;
  if (trained === undefined) {
    output.warn("G was not trained on Gaussian noise, so it may make certificates worse");
  } else if (trained !== sigma) {
    output.warn(`G was trained on noise of sigma ${trained}, and is certified with ${sigma}`);
  }
  return sigma;
}

/** Reads an option as a number above 0. */
function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 100) return value;
  throw new InvalidArgumentError("It must be a number above 0, at most 100.");
}

/** Reads an option as a probability. */
function chance(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError("It must be a number between 0 and 1.");
}
