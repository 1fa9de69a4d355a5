/**
 * `realign defend`: restores image files.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import {
  createRandom,
  HeldTensors,
  imagesOf,
  type Picture,
  picturesOf,
  type Preset,
} from "@realign/core";
import {
  createDefense,
  type Defense,
  tiledDefense,
  tileGrid,
  type TileSettings,
} from "@realign/core/defenses";
import { isInShare, type Share } from "@realign/core/shares";
import { decodePicture, encodePng } from "@realign/datasets";
import { dirname } from "node:path";
import { UsageError, withContinuation } from "../system/failure.ts";
import { shellLine } from "../system/shell_words.ts";
import { assertMayWrite, makeFolder, writeSafely } from "../system/safe_file.ts";
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
  withRunsFolder,
} from "./options.ts";
import type { Output } from "../terminal/output.ts";
import { listDefended } from "./defend_files.ts";
import { shareWord, withWorker } from "./shares.ts";
import { chainOf, isTrained } from "../stages/chain_of.ts";
import { openKit } from "../stages/systems.ts";
import { startBackend } from "./start_backend.ts";
import { RunStore } from "../runs/run_store.ts";

interface DefendOptions extends BackendOptions, RunsOptions {
  readonly out: string;
  readonly fullSize?: boolean;
  readonly tile?: typeof AUTO | readonly [number, number];
  readonly overlap?: number;
  readonly system?: string;
  readonly worker?: Share;
}

/** In place of a size: the generator's own. */
const AUTO = "auto";

/** Adds the command. */
export function addDefend(program: Command, context: Context): void {
  const command = withWorker(
    withBackend(program.command("defend")),
    "one of several processes with the same command: only restore this worker's share of the images",
  )
    .description("restore image files with a run's generator and write them as PNG")
    .argument("<run>", 'a run: its ID or the start of it, a path, or "latest"')
    .argument("<images...>", "image files (PNG, JPEG, WebP, ...), or folders of them")
    .requiredOption("--out <dir>", "folder for the restored images", folder)
    .option(
      "--full-size",
      "restore at the image's own size instead of the generator's training size",
    )
    .option(
      "--tile <HxW>",
      "restore at the image's own size, in overlapping tiles of this size; \"auto\" is the generator's training size",
      (text) => text === AUTO ? AUTO : tileOf(text),
    )
    .option(
      "--overlap <pixels>",
      "pixels that neighbouring tiles share at least; a quarter of a tile's shorter side if left out",
      wholeNumber(0),
    )
    .option(
      "--system <name>",
      "restore by another system of the run, or by a chain of defenses such as tvm+quilting",
    );
  withRunsFolder(command)
    .addHelpText(
      "after",
      `
Of a folder, all images below it are restored, into the same subfolders. An image that cannot be read is
skipped; the others are restored, and the exit code is 1.
Images are resized to the generator's training size and back, as in an evaluation;
with --full-size they are restored at their own size. Systems without the generator leave sizes alone.
With --tile they are restored at their own size, tile by tile, in bounded memory; tiles fade into each other.
Several processes restore many images together: start the same command in each, with --worker 1/4, 2/4, ... All
must find the same images. Each takes every fourth in their order and writes what one process would.
Of what was only measured, "evaluate RUN --systems NAME" keeps the settings, and the patches that quilting needs.

Examples:
  realign defend latest photo.png --out restored
  realign defend cls-cifar10-small suspicious --out restored
  realign defend latest street.png --tile auto --out restored
  realign defend RUN suspicious --out restored --worker 1/4
  realign defend latest suspicious --system feature-distillation --out restored`,
    )
    .action(async (name: string, images: string[], options: DefendOptions) => {
      refuseOverrides(context, "a run restores with its own settings");
      refuseTogether(options);
      const output = beginOutput(options, context);
      const { worker } = options;
      const listed = await listDefended(images, options.out, (text) => output.note(text));
      const files = listed.filter((_, index) => isInShare(worker, index));
      if (files.length === 0 && worker) {
        output.note(`worker ${shareWord(worker)} has none of the ${listed.length} images`);
      }
      await assertMayWrite(options.out);
      using store = await RunStore.read(options.runs, name, output.warn);
      const chain = await chainOf(store, options.system);
      const tiles = tilesOf(options, store.record.preset);
      const isSized = isTrained(chain) && !tiles;
      await startBackend(options, output);
      const written: string[] = [];
      const failed: string[] = [];
      using stack = new DisposableStack();
      const defenses = new Map<string, Defense>();
      const open = async (preset: Preset) => {
        const whole = await createDefense(chain, stack.use(openKit({ preset }, store)));
        return tiles ? tiledDefense(whole, tiles) : whole;
      };
      using progress = output.progress.start("restore", files.length, "images");
      output.ready();
      output.interruption.hold();
      // What goes on is the rest; of a share the same words, which say what the shares are.
      const isDone = (word: string) =>
        worker === undefined && files.slice(0, done).some(({ path }) => path === word);
      const rest = () => shellLine(context.words.filter((word) => !isDone(word)));
      let done = 0;
      for (const [index, { path, target }] of files.entries()) {
        done = index;
        await withContinuation(rest, () => output.interruption.check());
        progress.update(index);
        const picture = await decodePicture(path).catch((error: Error) => {
          // One damaged image must not stop the others.
          if (listed.length === 1) throw error;
          output.warn(error.message);
          failed.push(path);
        });
        if (!picture) continue;
        const preset = presetFor(picture, store.record.preset, options.fullSize, tiles);
        if (isSized) tellSize(path, picture, preset, output);
        const size = isSized ? preset.generator.size.join("x") : "any";
        const defense = defenses.get(size) ?? stack.use(await open(preset));
        defenses.set(size, defense);
        const restored = await restorePicture(defense, picture, preset.seed);
        await makeFolder(dirname(target));
        await writeSafely(target, await encodePng(restored));
        written.push(target);
      }
      progress.update(files.length);
      const found = { run: store.id, ...(worker && { worker: shareWord(worker) }) };
      output.result({ ...found, written, failed }, written.join("\n"));
      if (failed.length > 0) {
        throw new Error(
          `Cannot restore ${failed.length} of ${files.length} images as they cannot be read: ${
            failed.slice(0, 3).join(", ")
          }${failed.length > 3 ? ", ..." : ""}; ${written.length} are in ${options.out}`,
        );
      }
    });
}

function refuseTogether({ fullSize, tile, overlap }: DefendOptions): void {
  if (fullSize && tile) {
    throw new UsageError(
      "Cannot restore images both whole and in tiles: leave out --full-size or --tile",
    );
  }
  if (overlap !== undefined && !tile) {
    throw new UsageError("Cannot use --overlap as no image is cut: add --tile");
  }
}

/** Reads an option as the size of tiles. */
function tileOf(text: string): readonly [number, number] {
  try {
    return sizeOf(text);
  } catch {
    throw new InvalidArgumentError(`It must be height and width, as 512x512, or "${AUTO}".`);
  }
}

/** The tiles that images are cut into; undefined if they are not. */
function tilesOf(
  { tile, overlap }: DefendOptions,
  { generator }: Preset,
): TileSettings | undefined {
  if (!tile) return undefined;
  const tiles = { size: tile === AUTO ? generator.size : tile, overlap };
  try {
    tileGrid([1, 1], tiles);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return tiles;
}

/** The preset whose G sees a picture: at its training size, a tile's, or the picture's own. */
function presetFor(
  picture: Picture,
  preset: Preset,
  fullSize: boolean | undefined,
  tiles: TileSettings | undefined,
): Preset {
  if (fullSize) return atSize(preset, picture);
  return tiles ? { ...preset, generator: { ...preset.generator, size: tiles.size } } : preset;
}

/** The preset with G at a picture's own size, rounded up to a multiple that G can downsample. */
function atSize(preset: Preset, { height, width }: Picture): Preset {
  const step = 2 ** preset.generator.downsamplings;
  // At least the size that G's reflection padding needs.
  const roundUp = (side: number) => Math.max(Math.ceil(side / step) * step, 2 * step, 4);
  const size: [number, number] = [roundUp(height), roundUp(width)];
  return { ...preset, generator: { ...preset.generator, size } };
}

function tellSize(path: string, { height, width }: Picture, preset: Preset, output: Output): void {
  const [toHeight, toWidth] = preset.generator.size;
  if (toHeight === height && toWidth === width) return;
  output.note(
    `${path}: ${width}x${height}, resized to ${toWidth}x${toHeight} for the generator and back${
      width > toWidth && height > toHeight ? "; --tile auto restores it at its own size" : ""
    }`,
  );
}

async function restorePicture(
  defense: Defense,
  picture: Picture,
  seed: number,
): Promise<Picture> {
  using held = new HeldTensors();
  const images = held.keep(imagesOf([picture]));
  const restored = held.keep(await defense.restore(images, createRandom(seed, "defend")));
  const [result] = await picturesOf(restored);
  return result;
}
