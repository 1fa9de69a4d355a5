/**
 * `realign export`: a run's defense, target or both in a format that runs elsewhere.
 *
 * @module
 */
import { didYouMean } from "@realign/core";
import { type Layout, type ModelFormatName, modelFormats } from "@realign/interop";
import { type Command, InvalidArgumentError } from "commander";
import { join } from "node:path";
import { NO_CACHE } from "../runs/cache_key.ts";
import { comparedText, exportModel } from "../stages/export.ts";
import { EXPORTED, type ExportedPart } from "../stages/exported_function.ts";
import { exportPage } from "../stages/export_page.ts";
import { UsageError, withContinuation } from "../system/failure.ts";
import { assertMayWrite, isThere, makeFolder, writeSafely } from "../system/safe_file.ts";
import { shellLine } from "../system/shell_words.ts";
import { resumeRun } from "./open_run.ts";
import {
  type BackendOptions,
  beginOutput,
  type Context,
  folder,
  refuseOverrides,
  type RunsOptions,
  sizeOf,
  wholeNumber,
  withBackend,
  withData,
  withPlugin,
  withRunsFolder,
} from "./options.ts";

interface ExportOptions extends BackendOptions, RunsOptions {
  readonly data?: string;
  readonly plugin?: string;
  readonly format: ModelFormatName | "web";
  readonly what?: ExportedPart;
  readonly layout?: Layout;
  readonly size?: readonly [number, number];
  readonly batch?: number;
  readonly out: string;
  readonly replace?: boolean;
}

/** Orders of an image's sides. */
const LAYOUTS: Readonly<Record<Layout, string>> = {
  nhwc: "channels last",
  nchw: "channels first",
};

/** More images at once are no use. */
const MOST_IMAGES = 4096;

/** What can be written: files of a model, or a page. */
const FORMATS = { ...modelFormats, web: "a page" };

/** Adds the command. */
export function addExport(program: Command, context: Context): void {
  withPlugin(withData(withRunsFolder(withBackend(program.command("export")))))
    .description(
      "write a run's defense, its target, or both, as ONNX, TensorFlow.js, TensorFlow or PyTorch, or as a page for browsers",
    )
    .argument("<run>", 'a run: its ID or the start of it, a path, or "latest"')
    .requiredOption(
      "--format <name>",
      "onnx, tfjs, tensorflow, torch, or web: one page",
      nameFrom(FORMATS),
    )
    .requiredOption("--out <dir>", "folder for the files", folder)
    .option(
      "--what <part>",
      'defense, system or target; "defense" if left out, of a page "system"',
      nameFrom(EXPORTED),
    )
    .option(
      "--layout <order>",
      "order of an image's sides: nhwc, as if left out, or nchw (channels first)",
      nameFrom(LAYOUTS),
    )
    .option("--size <HxW>", "height and width of the images; the dataset's if left out", sizeOf)
    .option("--batch <n>", "fix the batch size; free if left out", wholeNumber(1, MOST_IMAGES))
    .option("--replace", "replace files that are there")
    .addHelpText(
      "after",
      `
${Object.entries(EXPORTED).map(([name, text]) => `${name.padEnd(8)} ${text}`).join("\n")}
Images are RGB in [0, 1]; resizing and normalisation are inside. Beside the model: metadata.json, and README.md,
a model card. Before anything is written, the model is read back and compared on test images of the run, a module of
PyTorch by python3 if it has torch; where nothing here runs it, its structure is checked.
A page (--format web) is one file, index.html, that opens from the disk and reaches no network. It attacks images and
restores them in the browser, and holds the weights of both networks and a few test images.

Examples:
  realign export latest --format onnx --out exported
  realign export latest --format onnx --what system --layout nchw --out exported
  realign export latest --format tfjs --what system --out web/model
  realign export latest --format torch --what system --layout nchw --out exported
  realign export latest --format tensorflow --batch 1 --size 224x224 --out exported
  realign export latest --format web --out page`,
    )
    .action(async (name: string, options: ExportOptions) => {
      refuseOverrides(context, "a run is exported with its own settings");
      const output = beginOutput(options, context);
      const { format, size, batch, out, replace = false } = options;
      const { what: part = format === "web" ? "system" : "defense", layout = "nhwc" } = options;
      if (format === "web") refuseForPage(options);
      await assertMayWrite(out);
      const work = { ...options, cache: NO_CACHE };
      using run = await resumeRun(name, work, { overrides: [] }, output, { training: false });
      const { bench, store } = run;
      const words = context.words.map((word) => word === "latest" ? store.word : word);
      await withContinuation(() => shellLine(words), async () => {
        output.ready();
        const { files, ...facts } = format === "web"
          ? await exportPage(size, bench, store, output)
          : await exportModel({ format, part, layout, size, batch }, bench, store, output);
        for (const warning of facts.warnings) output.warn(warning);
        await output.interruption.check();
        const written = await writeAll(files, out, replace);
        const told = `${written.join("\n")}\n${comparedText(facts)}`;
        output.result({ run: store.id, format, what: part, written, ...facts }, told);
      });
    });
}

/** A page shows a whole system, one image at a time. Throws UsageError for options that say otherwise. */
function refuseForPage({ what = "system", layout, batch }: ExportOptions): void {
  const other = what !== "system"
    ? `--what ${what}`
    : layout !== undefined
    ? "--layout"
    : batch !== undefined
    ? "--batch"
    : undefined;
  if (other === undefined) return;
  throw new UsageError(
    `Cannot export a page with ${other} as it has the whole system, for one image at a time: leave ${other} out`,
  );
}

/** Writes files, all or none. Throws UsageError if one is there and must not be replaced. */
async function writeAll(
  files: ReadonlyMap<string, Uint8Array>,
  out: string,
  replace: boolean,
): Promise<string[]> {
  const paths = [...files.keys()].map((name) => join(out, name));
  const there = await Promise.all(paths.map(isThere));
  const taken = paths.find((_, k) => there[k]);
  if (taken !== undefined && !replace) {
    throw new UsageError(
      `Cannot export into ${out} as ${taken} is there: choose another --out, or add --replace`,
    );
  }
  await makeFolder(out);
  const written: string[] = [];
  try {
    for (const [k, content] of [...files.values()].entries()) {
      await writeSafely(paths[k], content);
      written.push(paths[k]);
    }
  } catch (error) {
    const ours = written.filter((path) => !there[paths.indexOf(path)]);
    await Promise.all(ours.map((path) => Deno.remove(path).catch(() => {})));
    throw error;
  }
  return written;
}

/** Reads an option as a key of a table. */
function nameFrom<T extends object>(table: T): (text: string) => keyof T {
  return (text) => {
    if (Object.hasOwn(table, text)) return text as keyof T;
    throw new InvalidArgumentError(`It is unknown: ${didYouMean(text, Object.keys(table))}`);
  };
}
