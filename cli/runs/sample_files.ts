/**
 * Pictures of an evaluation that a report shows: `pictures/*.png` and what O says of them.
 *
 * @module
 */
import type { Colour, FoundBox, LabelMap, Overlay, Picture } from "@realign/core";
import { z } from "zod";
import { describeIssue } from "../presets/preset_schema.ts";
import type { RunStore } from "./run_store.ts";
import { renamedColumn } from "./upgrade.ts";

/** One example in its three states, with what O says of each. */
export interface Sample {
  readonly id: string;
  readonly truth: string;
  readonly clean: Picture;
  readonly adversarial: Picture;
  readonly restored: Picture;
  readonly predictions: Readonly<Record<"clean" | "adversarial" | "restored", string>>;
  /** Label maps or boxes of the truth, and of what O says; absent where texts say all. */
  readonly overlays?: Readonly<Record<DrawnState, Overlay>>;
}

/** What overlays there are of an example. */
export const DRAWN_STATES = ["truth", "clean", "adversarial", "restored"] as const;

/** One of them. */
export type DrawnState = typeof DRAWN_STATES[number];

/** A class and its colour. */
export interface LegendEntry {
  readonly name: string;
  readonly colour: Colour;
}

/** Examples in their three states. */
export interface CollectedSamples {
  /** Which attack made the adversarial pictures. */
  readonly attack: string;
  /** Title of the system that restored them. */
  readonly restoredBy: string;
  readonly samples: readonly Sample[];
  /** The classes, in order, and their colours. */
  readonly legend: readonly LegendEntry[];
}

/** The states of an example that a report shows. */
export const SAMPLE_STATES = ["clean", "adversarial", "restored", "difference"] as const;

/** One example as it was kept. */
export interface KeptSample {
  readonly id: string;
  readonly truth: string;
  readonly predictions: Sample["predictions"];
  /** PNG files. */
  readonly pictures: Readonly<Record<typeof SAMPLE_STATES[number], Uint8Array<ArrayBuffer>>>;
  /** Label maps as PNG files in the classes' colours. */
  readonly maps?: Readonly<Record<DrawnState, Uint8Array<ArrayBuffer>>>;
  readonly boxes?: Readonly<Record<DrawnState, readonly FoundBox[]>>;
}

/** All that was kept. */
export interface KeptSamples {
  /** Which attack made the adversarial pictures. */
  readonly attack: string;
  /** Title of the system that restored them. */
  readonly restoredBy?: string;
  /** What differences were multiplied by. */
  readonly magnification: number;
  /** The colours of label maps and boxes. */
  readonly legend?: readonly LegendEntry[];
  readonly samples: readonly KeptSample[];
}

const corner = z.number();
const boxSchema = z.strictObject({
  box: z.tuple([corner, corner, corner, corner]),
  class: z.int().min(0),
  score: z.number().optional(),
});
const boxesSchema = z.array(boxSchema);
const byte = z.int().min(0).max(255);

const indexSchema = z.strictObject({
  attack: z.string(),
  restoredBy: z.string().optional(),
  magnification: z.number(),
  legend: z.array(z.strictObject({ name: z.string(), colour: z.tuple([byte, byte, byte]) }))
    .optional(),
  samples: z.array(z.strictObject({
    id: z.string(),
    truth: z.string(),
    predictions: z.strictObject({
      clean: z.string(),
      adversarial: z.string(),
      restored: z.string(),
    }),
    maps: z.boolean().optional(),
    boxes: z.strictObject({
      truth: boxesSchema,
      clean: boxesSchema,
      adversarial: boxesSchema,
      restored: boxesSchema,
    }).optional(),
  })),
});

/** The colour of pixels that are ignored. */
const IGNORED: Colour = [255, 255, 255];

const INDEX = "pictures/samples.json";
const pictureName = (index: number, state: string) =>
  `pictures/${String(index + 1).padStart(2, "0")}-${state}.png`;

/**
 * Keeps pictures with a run in the place of former ones, and beside them |x^a - x^c| magnified about grey.
 *
 * @param store The run
 * @param collected The examples, what attacked and what restored them, the classes and their colours; no
 * examples, or undefined, if the report is to show none
 * @param encodePng Writes a picture as PNG; given, since whoever only reads needs no codec
 */
export async function saveSamples(
  store: RunStore,
  collected: CollectedSamples | undefined,
  encodePng: (picture: Picture) => Promise<Uint8Array>,
): Promise<void> {
  // The index of former pictures goes first: it must not stand beside new ones, whatever happens meanwhile.
  await store.remove(INDEX);
  if (!collected || collected.samples.length === 0) return;
  const { attack, restoredBy, samples, legend } = collected;
  const magnification = magnificationOf(samples);
  for (const [index, sample] of samples.entries()) {
    const difference = magnifyDifference(sample.clean, sample.adversarial, magnification);
    for (const [state, picture] of Object.entries({ ...pick(sample), difference })) {
      await store.write(pictureName(index, state), await encodePng(picture));
    }
  }
  for (const [index, { overlays }] of samples.entries()) {
    if (!hasMaps(overlays)) continue;
    for (const state of DRAWN_STATES) {
      const map = paint(overlays[state].labelMap!, legend);
      await store.write(pictureName(index, `${state}-map`), await encodePng(map));
    }
  }
  const drawn = samples.some(({ overlays }) => overlays !== undefined);
  await store.writeJson(INDEX, {
    attack,
    restoredBy,
    magnification,
    ...drawn && { legend },
    samples: samples.map(({ id, truth, predictions, overlays }) => ({
      id,
      truth,
      predictions,
      ...hasMaps(overlays) && { maps: true },
      ...overlays?.truth.boxes && {
        boxes: Object.fromEntries(
          DRAWN_STATES.map((state) => [state, overlays[state].boxes ?? []]),
        ),
      },
    })),
  });
}

function hasMaps(overlays: Sample["overlays"]): overlays is NonNullable<Sample["overlays"]> {
  return overlays !== undefined && DRAWN_STATES.every((state) => overlays[state].labelMap);
}

/** A label map in the classes' colours. */
function paint({ height, width, classes }: LabelMap, legend: readonly LegendEntry[]): Picture {
  const pixels = new Uint8Array(3 * classes.length);
  classes.forEach((index, at) => pixels.set(legend[index]?.colour ?? IGNORED, 3 * at));
  return { height, width, pixels };
}

/**
 * Reads the pictures of a run.
 *
 * @param store The run
 * @param most Examples from here on are left out. Default: none
 * @returns Undefined where none were kept
 * @throws {Error} If a picture is missing or is not a PNG
 */
export async function readSamples(
  store: RunStore,
  most = Infinity,
): Promise<KeptSamples | undefined> {
  const value = await store.readJson(INDEX);
  if (value === undefined) return undefined;
  const result = indexSchema.safeParse(value);
  if (!result.success) {
    throw new TypeError(`Cannot use ${INDEX} as ${describeIssue(result.error.issues[0], value)}`);
  }
  const samples: KeptSample[] = [];
  for (const [index, sample] of result.data.samples.slice(0, most).entries()) {
    const read = async (state: string) => {
      const name = pictureName(index, state);
      const bytes = await store.readBytes(name);
      const advice = `create it with: realign evaluate ${store.handle}`;
      if (!bytes) throw new Error(`Cannot find ${name}: ${advice}`);
      if (!isPng(bytes)) throw new Error(`Cannot use ${name} as it is damaged: ${advice}`);
      return [state, bytes] as const;
    };
    const pictures = Object.fromEntries(await Promise.all(SAMPLE_STATES.map(read)));
    const { maps: hasMaps, ...rest } = sample;
    const maps = hasMaps &&
      Object.fromEntries(
        await Promise.all(DRAWN_STATES.map(async (state) => {
          const [, bytes] = await read(`${state}-map`);
          return [state, bytes] as const;
        })),
      );
    samples.push({
      ...rest,
      pictures: pictures as KeptSample["pictures"],
      ...maps && { maps: maps as KeptSample["maps"] },
    });
  }
  const { attack, restoredBy } = result.data;
  // What restored them is not named by runs of version 1.
  return { ...result.data, attack: restoredBy ? attack : renamedColumn(attack), samples };
}

/** Whether a file begins and ends as a PNG does, and has a size. */
function isPng(bytes: Uint8Array): boolean {
  if (bytes.length < 45) return false;
  const text = (from: number, to?: number) =>
    new TextDecoder("latin1").decode(bytes.subarray(from, to));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return text(1, 8) === "PNG\r\n\x1a\n" && text(12, 16) === "IHDR" && text(-8, -4) === "IEND" &&
    view.getUint32(16) > 0 && view.getUint32(20) > 0;
}

function pick({ clean, adversarial, restored }: Sample): Record<string, Picture> {
  return { clean, adversarial, restored };
}

/** The greatest whole factor by which no difference leaves the range of a picture. */
function magnificationOf(samples: readonly Sample[]): number {
  let greatest = 1;
  for (const { clean, adversarial } of samples) {
    for (const [index, value] of adversarial.pixels.entries()) {
      greatest = Math.max(greatest, Math.abs(value - clean.pixels[index]));
    }
  }
  return Math.max(1, Math.floor(127 / greatest));
}

/** Middle grey where two pictures agree, lighter or darker where they differ. */
function magnifyDifference(from: Picture, to: Picture, magnification: number): Picture {
  const pixels = Uint8Array.from(
    from.pixels,
    (value, index) => 128 + magnification * (to.pixels[index] - value),
  );
  return { ...from, pixels };
}
