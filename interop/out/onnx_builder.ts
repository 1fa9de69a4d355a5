/**
 * An ONNX graph that is being written.
 *
 * @module
 */
import type { Constant } from "../graph/constant.ts";
import type { Graph } from "../graph/graph.ts";
import type { NodeDef } from "../graph/graph_def.ts";
import { type OnnxMessage, OnnxType } from "../onnx/schema.ts";
import { GraphInputs } from "./graph_inputs.ts";

/** An attribute's value: an integer, integers, a text, or a real number, which stands apart. */
export type AttributeValue = number | readonly number[] | string | { readonly real: number };

const FLOAT = 1, INT = 2, STRING = 3, INTS = 7;

/** Writes operations and constants down, and answers what they need to know of TensorFlow's. */
export class OnnxBuilder extends GraphInputs {
  readonly nodes: OnnxMessage<"Node">[] = [];
  readonly initializers: OnnxMessage<"Tensor">[] = [];
  /** What is written once: constants and turned values, by what they are. */
  readonly #known = new Map<string, string>();
  #values = 0;

  /** @param graph What is written */
  constructor(graph: Graph) {
    super(graph, "ONNX");
  }

  /** The value that an input of TensorFlow's is; a constant is written when it is first asked for. */
  value(input: string): string {
    const constant = this.constant(input);
    if (!constant) return input;
    return this.#once(`constant ${input}`, () => this.initializer(constant, this.#unused(input)));
  }

  /** A constant that is computed of one: under that one's name, unless it is written itself. */
  computed(input: string, compute: () => Constant): string {
    return this.#once(`computed ${input}`, () => this.initializer(compute(), this.#unused(input)));
  }

  /** The integers that an input is, as ONNX wants them: a constant, or what is computed. */
  int64(node: NodeDef, input: number): string {
    const value = node.input[input];
    if (this.constant(value)) return this.list(this.integers(node, input));
    return this.#once(`int64 ${value}`, () => this.add("Cast", [value], { to: OnnxType.int64 }));
  }

  /**
   * Adds an operation.
   *
   * @param operator ONNX's name
   * @param inputs Values; "" for one that is left out
   * @param attributes By name
   * @param outputs Default: one new value
   * @returns The first output
   */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    outputs: readonly string[] = [`value/${this.#values++}`],
  ): string {
    this.nodes.push({
      operator,
      name: `${operator}_${this.nodes.length}`,
      inputs,
      outputs,
      attributes: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    });
    return outputs[0];
  }

  /** Adds a constant, and returns its name. */
  initializer({ shape, dtype, values }: Constant, name = `constant/${this.#values++}`): string {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.initializers.push({ dims: shape, type: OnnxType[dtype], name, raw });
    return name;
  }

  /** A list of int64, as ONNX wants shapes and axes. */
  list(values: readonly number[]): string {
    return this.#once(`list ${values}`, () => {
      const name = `list/${this.#values++}`;
      const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
      this.initializers.push({ dims: [values.length], type: OnnxType.int64, name, raw });
      return name;
    });
  }

  /** A list of sizes, of which the first may be -1 for the first side of an input, by default of the images. */
  sizes([first, ...rest]: readonly number[], input = this.graph.inputs[0].node): string {
    if (first !== -1) return this.list([first, ...rest]);
    const batch = this.#once(`batch ${input}`, () => {
      return this.add("Shape", [this.value(input)], { start: 0, end: 1 });
    });
    return this.add("Concat", [batch, this.list(rest)], { axis: 0 });
  }

  /** A value `[B, H, W, C]` as `[B, C, H, W]`. */
  channelsFirst(input: string): string {
    const perm = [0, 3, 1, 2];
    return this.#once(`first ${input}`, () => this.add("Transpose", [this.value(input)], { perm }));
  }

  /** Writes a value `[B, C, H, W]` as an operation's result `[B, H, W, C]`. */
  channelsLast(value: string, node: NodeDef): void {
    this.add("Transpose", [value], { perm: [0, 2, 3, 1] }, [node.name]);
  }

  #unused(name: string): string {
    return this.initializers.some((one) => one.name === name) ? `${name}/itself` : name;
  }

  #once(key: string, make: () => string): string {
    const known = this.#known.get(key) ?? make();
    this.#known.set(key, known);
    return known;
  }
}

function attributeOf(name: string, value: AttributeValue): OnnxMessage<"Attribute"> {
  if (typeof value === "string") {
    return { name, text: new TextEncoder().encode(value), type: STRING };
  }
  if (typeof value === "number") return { name, int: value, type: INT };
  return "real" in value
    ? { name, float: value.real, type: FLOAT }
    : { name, ints: value, type: INTS };
}
