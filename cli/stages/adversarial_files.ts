/**
 * Adversarial images as files: those that an evaluation makes, and those that others hand in.
 *
 * @module
 */
import {
  type AnyColumn,
  type AttackedBatch,
  epsilonOf,
  formatSafetensors,
  type GivenImages,
  type HostTensor,
  type Images,
  parseSafetensors,
  SUBMITTED,
} from "@realign/core";
import { isWithin } from "@realign/core/attacks";
import * as tf from "@realign/core/tf";
import { join } from "node:path";
import { makeFolder, readIfThere, readWhole, sha256, writeSafely } from "../system/safe_file.ts";
import type { Workbench } from "./workbench.ts";

/** Names of the tensors: the images, their places in the evaluated examples, their classes. */
const [IMAGES, INDICES, LABELS] = ["x_adv", "indices", "labels"];

/** Gathers a column's images, and writes them to a file. */
export class AdversarialFile {
  readonly #path: string;
  readonly #key: string;
  readonly #bench: Workbench;
  readonly #images: Float32Array[] = [];
  readonly #indices: number[] = [];
  readonly #labels: number[] = [];

  /**
   * @param folder Of all files
   * @param bench Whose task knows the classes, if images have any
   * @param column Names the file
   * @param facts All that the images follow from
   */
  constructor(folder: string, bench: Workbench, column: AnyColumn, facts: unknown) {
    this.#path = join(folder, `${fileName(column)}.safetensors`);
    this.#key = sha256(new TextEncoder().encode(JSON.stringify(facts)));
    this.#bench = bench;
  }

  /** Whether the file holds these very images already. */
  async isWritten(): Promise<boolean> {
    const bytes = await readIfThere(this.#path);
    if (!bytes) return false;
    try {
      return parseSafetensors(bytes, this.#path).metadata.key === this.#key;
    } catch {
      return false;
    }
  }

  /** Takes a batch. */
  // deno-lint-ignore no-explicit-any -- each task has its own labels
  async add({ images, labels, count, indices }: AttackedBatch<any>): Promise<void> {
    const data = await images.data<"float32">();
    this.#images.push(data.slice(0, data.length / images.shape[0] * count));
    this.#indices.push(...indices.slice(0, count));
    const { task } = this.#bench;
    if (!task.classOf) return;
    const classes = tf.tidy(() => tf.clone(task.classOf!(labels)));
    this.#labels.push(...(await classes.data()).slice(0, count));
    classes.dispose();
  }

  /** Writes what was taken. */
  async write(): Promise<void> {
    const count = this.#indices.length;
    if (count === 0) return;
    const { size: [height, width] } = this.#bench.test;
    const pixels = new Float32Array(count * height * width * 3);
    let at = 0;
    for (const batch of this.#images) {
      pixels.set(batch, at);
      at += batch.length;
    }
    const tensors = new Map<string, HostTensor>([
      [IMAGES, { shape: [count, height, width, 3], data: pixels }],
      [INDICES, { shape: [count], data: Float32Array.from(this.#indices) }],
    ]);
    if (this.#labels.length > 0) {
      tensors.set(LABELS, { shape: [count], data: Float32Array.from(this.#labels) });
    }
    await makeFolder(join(this.#path, ".."));
    await writeSafely(this.#path, formatSafetensors(tensors, { key: this.#key }));
  }
}

/** E.g. "whitebox-pgd-20-generator", "transfer-pgd-from-resnet50". */
function fileName({ threatModel, attack, attacked, systems, curve }: AnyColumn): string {
  const { substitute, defense } = attacked ?? {};
  const words = [
    curve ? "curve" : "",
    threatModel,
    attack,
    substitute === undefined ? "" : `from-${substitute}`,
    defense || systems.every(({ role }) => role !== "undefended") ? systems[0].name : "",
  ];
  return words.filter((word) => word !== "").join("-").replaceAll(/[^\w+.-]+/g, "_");
}

/** Images that others made, and what they follow from. */
export interface Submission extends GivenImages {
  readonly digest: string;
}

/**
 * Reads images that others made, and checks them.
 *
 * @param bench The examples that they are of
 * @param path A safetensors file with `x_adv` or `images`, `[N, H, W, 3]` in [0, 1], and `indices`, `[N]`, of the
 * evaluated examples; without indices they are of the first N
 * @param batches Goes through the clean images
 * @throws {Error} One line if a tensor is missing, of another shape, outside of [0, 1], or further than epsilon
 */
export async function readSubmission(
  bench: Workbench,
  path: string,
  batches: () => AsyncIterable<
    { images: Images; labels: unknown; count: number; indices: Uint32Array }
  >,
): Promise<Submission> {
  const fail = (reason: string): never => {
    throw new Error(`Cannot take the images of ${path} as ${reason}`);
  };
  const bytes = await readWhole(path, "submitted images");
  const { tensors } = parseSafetensors(bytes, path);
  const images = tensors.get(IMAGES) ?? tensors.get("images") ??
    fail(`it must have a tensor "${IMAGES}"`);
  const { size: [height, width], length } = bench.test;
  const [count, ...rest] = images.shape;
  if (rest.join("x") !== `${height}x${width}x3`) {
    fail(`"${IMAGES}" must be [N, ${height}, ${width}, 3]: current shape is [${images.shape}]`);
  }
  const places = placesOf(tensors.get(INDICES), count, length, fail);
  const epsilon = epsilonOf(bench.preset.evaluation, bench.preset.attack);
  const area = height * width * 3;
  const outside = images.data.findIndex((value) => !isWithin(Math.abs(value - 0.5), 0.5));
  if (outside !== -1) {
    const place = Math.floor(outside / area);
    const [index] = [...places].find(([, other]) => other === place)!;
    fail(`example ${index} leaves [0, 1]: it has ${images.data[outside]}`);
  }
  const imagesOf = (clean: Images, indices: Uint32Array): Images =>
    tf.tidy(() => {
      const own = tf.unstack(clean);
      return tf.stack(
        own.map((image, row) => {
          const place = places.get(indices[row]);
          if (place === undefined) return image;
          const pixels = images.data.subarray(place * area, (place + 1) * area);
          return tf.tensor3d(Float32Array.from(pixels), [height, width, 3]);
        }),
      ) as Images;
    });
  for await (const { images: clean, labels, count: real, indices } of batches()) {
    const given = imagesOf(clean, indices);
    const far = tf.tidy(() => tf.max(tf.abs(tf.sub(given, clean)), [1, 2, 3]));
    const changes = await far.data();
    tf.dispose([given, far, clean, labels as tf.TensorContainer]);
    for (let row = 0; row < real; row++) {
      if (isWithin(changes[row], epsilon)) continue;
      fail(
        `example ${
          indices[row]
        } is further than epsilon from its clean image: epsilon is ${epsilon}, the largest change ${
          changes[row]
        }`,
      );
    }
  }
  return { settings: { name: SUBMITTED, epsilon }, imagesOf, digest: sha256(bytes) };
}

/** From an example's index to its place among the images. */
function placesOf(
  indices: HostTensor | undefined,
  count: number,
  length: number,
  fail: (reason: string) => never,
): Map<number, number> {
  const list = indices ? [...indices.data] : Array.from({ length: count }, (_, index) => index);
  if (list.length !== count) {
    fail(`"${INDICES}" must have ${count} numbers: current count is ${list.length}`);
  }
  const places = new Map<number, number>();
  for (const [place, index] of list.entries()) {
    if (!(Number.isInteger(index) && index >= 0 && index < length)) {
      fail(`"${INDICES}" must be of the ${length} evaluated examples: it has ${index}`);
    }
    if (places.has(index)) fail(`example ${index} is there twice`);
    places.set(index, place);
  }
  return places;
}
