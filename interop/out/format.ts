/**
 * The interface of a format that graphs are written in.
 *
 * @module
 */
import type * as tf from "@realign/core/tf";
import type { Graph } from "../graph/graph.ts";

/** What a file says of the model in it: plain data. */
export type Metadata = Readonly<Record<string, unknown>>;

/** Files by name. */
export type ModelFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** A model that was read back. */
export interface OpenedModel extends Disposable {
  /**
   * Runs it. Memory is the caller's to tidy.
   *
   * @param images Four dimensions, in the layout in which it was written
   * @returns By the outputs' names, in that layout too
   */
  run(images: tf.Tensor4D): ReadonlyMap<string, tf.Tensor>;
}

/** A format. */
export interface ModelFormat {
  /** As messages name it. */
  readonly title: string;
  /** Whether it has an operation of TensorFlow's. */
  has(op: string): boolean;
  /**
   * Writes a graph whose operations it has.
   *
   * @param graph The graph
   * @param metadata What the files are to say of it, where the format has a place for that
   * @returns The files
   * @throws {Error} One line that names an operation which the format lacks in the form that it has in the graph
   */
  write(graph: Graph, metadata: Metadata): ModelFiles;
  /**
   * Reads written files back, to be run.
   *
   * @param files From `write`
   * @returns The model, to be disposed; undefined where it has operations that nothing here runs, and its structure was
   * checked alone
   * @throws {Error} If the files are not well formed
   */
  open(files: ModelFiles): Promise<OpenedModel | undefined>;
}

/** Metadata as texts: what is none is written as JSON. */
export function textsOf(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
