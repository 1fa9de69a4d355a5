/**
 * A node's attributes, asked for by name and kind. A value of 0 may be left out of a file.
 *
 * @module
 */
import type { HostArray } from "./host_array.ts";
import type { OnnxMessage } from "./schema.ts";
import { readTensor } from "./tensor.ts";

/** The attributes of a node. */
export class Attributes {
  readonly #byName: ReadonlyMap<string, OnnxMessage<"Attribute">>;

  /** @param attributes As they stand in the file */
  constructor(attributes: readonly OnnxMessage<"Attribute">[]) {
    this.#byName = new Map(attributes.map((attribute) => [attribute.name ?? "", attribute]));
  }

  /** Whether an attribute is there. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** An integer. */
  int(name: string, otherwise: number): number {
    const found = this.#byName.get(name);
    return found ? found.int ?? 0 : otherwise;
  }

  /** A number. */
  float(name: string, otherwise: number): number {
    const found = this.#byName.get(name);
    return found ? found.float ?? 0 : otherwise;
  }

  /** A word. */
  text(name: string, otherwise: string): string {
    const found = this.#byName.get(name);
    return found ? new TextDecoder().decode(found.text) : otherwise;
  }

  /** A list of integers. */
  ints(name: string, otherwise: readonly number[]): readonly number[] {
    const found = this.#byName.get(name);
    return found ? found.ints ?? [] : otherwise;
  }

  /** A list of integers; undefined if it is not there. */
  optionalInts(name: string): readonly number[] | undefined {
    return this.has(name) ? this.ints(name, []) : undefined;
  }

  /** A list of numbers. */
  floats(name: string): readonly number[] {
    return this.#byName.get(name)?.floats ?? [];
  }

  /** An array; undefined if it is not there. Throws an Error if it cannot be read. */
  array(name: string): HostArray | undefined {
    const tensor = this.#byName.get(name)?.tensor;
    if (!tensor) return undefined;
    if (tensor.location === 1) throw new Error(`"${name}" must lie in the file itself`);
    try {
      return readTensor(tensor);
    } catch (error) {
      throw new Error(`"${name}" ${(error as Error).message}`, { cause: error });
    }
  }
}
