/**
 * What a format asks of a graph that it writes.
 *
 * @module
 */
import { type Constant, constantOf } from "../graph/constant.ts";
import { type Graph, resultOf } from "../graph/graph.ts";
import type { NodeDef } from "../graph/graph_def.ts";

/** Answers by the inputs of operations. */
export class GraphInputs {
  readonly graph: Graph;
  readonly #title: string;

  /**
   * @param graph What is written
   * @param title The format, as messages name it
   */
  constructor(graph: Graph, title: string) {
    this.graph = graph;
    this.#title = title;
  }

  /** A constant's value; undefined for other inputs. */
  constant(input: string): Constant | undefined {
    return constantOf(this.graph.nodes.get(resultOf(input).node));
  }

  /** The integers that an input must be. Throws an Error that names the operation if it is no constant. */
  integers(node: NodeDef, input: number): number[] {
    const constant = this.constant(node.input[input]);
    if (constant) return Array.from(constant.values, Number);
    throw this.unlike(node, `its input ${input} must be a constant`);
  }

  /** The shape of an input; -1 is free, and what is not known is empty. */
  shape(input: string): readonly number[] {
    const { node, index } = resultOf(input);
    return this.graph.shapes.get(node)?.[index] ?? this.constant(input)?.shape ?? [];
  }

  /** The error of an operation that the format lacks in this form; the reason alone is its cause. */
  unlike({ name, op }: NodeDef, reason: string): Error {
    return new Error(`Cannot write ${name} (${op}) as ${this.#title} as ${reason}`, {
      cause: reason,
    });
  }
}
