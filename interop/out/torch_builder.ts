/**
 * A module of PyTorch that is being written.
 *
 * @module
 */
import type { Constant } from "../graph/constant.ts";
import { type Graph, resultOf } from "../graph/graph.ts";
import type { NodeDef } from "../graph/graph_def.ts";
import { GraphInputs } from "./graph_inputs.ts";
import { pythonFloat } from "./python_text.ts";
import type { TorchHelper } from "./torch_helpers.ts";

/** A line of `forward`. */
export interface TorchLine {
  readonly text: string;
  /** Variables that it reads, and those that it makes. */
  readonly reads: ReadonlySet<string>;
  readonly makes: readonly string[];
}

/**
 * Writes operations as lines and constants as weights. All names are made here, of TensorFlow's words for operations and
 * numbers, and of nothing that a graph's author has named.
 */
export class TorchBuilder extends GraphInputs {
  readonly lines: TorchLine[] = [];
  /** Weights and tables by their names in the module. */
  readonly weights = new Map<string, Constant>();
  /** The functions of {@linkcode TorchHelper} that lines call. */
  readonly helpers = new Set<TorchHelper>();
  /** Names of the arguments, in the order of the graph's inputs. */
  readonly inputs: readonly string[];
  /** Expressions by results of TensorFlow's operations. */
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  #reads = new Set<string>();

  /** @param graph What is written */
  constructor(graph: Graph) {
    super(graph, "PyTorch");
    this.inputs = graph.inputs.map((_, k) => k === 0 ? "images" : `input_${k}`);
    graph.inputs.forEach(({ node }, k) => this.#known.set(node, this.inputs[k]));
  }

  /** An input as an expression: a single number is written out. */
  value(input: string): string {
    const constant = this.constant(input);
    if (!constant || constant.shape.length > 0) return this.tensor(input);
    const [value] = constant.values;
    if (constant.dtype === "bool") return value ? "True" : "False";
    const text = constant.dtype === "float32" ? pythonFloat(value) : String(value);
    // Python's power binds more tightly than its sign.
    return value < 0 ? `(${text})` : text;
  }

  /** Whether {@linkcode value} writes it out. */
  isNumber(input: string): boolean {
    return this.constant(input)?.shape.length === 0;
  }

  /** An input as an expression that is a tensor. */
  tensor(input: string): string {
    const constant = this.constant(input);
    const known = this.#known.get(input) ?? (constant && this.weight(constant, "constant"));
    if (known === undefined) throw new Error(`Cannot write ${input} as it is not made`);
    this.#known.set(input, known);
    if (!known.startsWith("self.")) this.#reads.add(known);
    return known;
  }

  /** The images, whose sizes and type lines ask for. */
  get images(): string {
    this.#reads.add(this.inputs[0]);
    return this.inputs[0];
  }

  /** Adds a weight or a table; returns the expression for it. */
  weight(constant: Constant, kind: "weight" | "constant" | "table"): string {
    const name = this.#numbered(kind);
    this.weights.set(name, constant);
    return `self.${name}`;
  }

  /** A function that stands in the file, by its name. */
  helper(name: TorchHelper): TorchHelper {
    this.helpers.add(name);
    return name;
  }

  /** Makes an operation's only result another name of its input. */
  alias(node: NodeDef): void {
    this.#known.set(node.name, this.tensor(node.input[0]));
    this.#reads.clear();
  }

  /**
   * Writes a line.
   *
   * @param node The operation
   * @param expression Its result, or a tuple of results
   * @param count How many results it has
   */
  assign(node: NodeDef, expression: string, count?: number): void {
    const stem = node.op.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
    const makes = Array.from({ length: count ?? 1 }, () => this.#numbered(stem));
    makes.forEach((name, k) => {
      this.#known.set(k === 0 ? node.name : `${node.name}:${k}`, name);
    });
    const left = count === 1 ? `${makes[0]},` : makes.join(", ");
    this.lines.push({ text: `${left} = ${expression}`, reads: this.#reads, makes });
    this.#reads = new Set();
  }

  /** The expression of an output of the graph. */
  output(node: string): string {
    const { index } = resultOf(node);
    return this.tensor(index === 0 ? node.split(":")[0] : node);
  }

  #numbered(stem: string): string {
    const count = (this.#counts.get(stem) ?? 0) + 1;
    this.#counts.set(stem, count);
    return `${stem}_${count}`;
  }
}
