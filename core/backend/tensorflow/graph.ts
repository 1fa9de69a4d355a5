/**
 * Writes operations down in a TensorFlow graph instead of running them, and makes a function of it.
 *
 * @module
 */
import {
  type AttributeSetters,
  AttributeType,
  graphSetters,
  type OpAttribute,
  setAttribute,
} from "./attributes.ts";
import { flopsOf } from "../flops.ts";
import type { OperationSink, OpOutput, TensorflowBinding } from "./binding.ts";
import { pack, type Place } from "./place.ts";
import { graphDefOf, type SerializedGraph } from "./graph_def.ts";

/** A result of an operation in the graph. */
interface GraphNode extends Place {
  readonly shape: readonly number[];
  /** The same for the same operation on the same inputs. */
  readonly key: string;
}

type Result = GraphNode & { readonly dtype: number };

/** Operations whose inputs are one list; of ConcatV2 the last input stands apart. */
const LIST_INPUTS: ReadonlySet<string> = new Set(["AddN", "Pack", "IdentityN", "ConcatV2"]);
/** Results from this index on are for the gradient's operation alone; TensorFlow does not say their shape. */
const RESERVED_OUTPUTS: Readonly<Record<string, number>> = { FusedBatchNormV3: 3 };
/** Constants of more bytes are not compared with each other. */
const LARGEST_COMPARED = 4096;

/** A step that is being written down. */
export class TensorflowGraph implements OperationSink, Disposable {
  readonly name: string;
  readonly #binding: TensorflowBinding;
  readonly #graph: Deno.PointerValue;
  readonly #nodes = new Map<number, GraphNode>();
  readonly #parameters: GraphNode[] = [];
  readonly #captures = new Map<number, Deno.PointerValue>();
  readonly #bound = new Set<number>();
  readonly #setters: AttributeSetters;
  /** What is written down already, by operation, inputs and attributes: nothing is written, or run, twice. */
  readonly #known = new Map<string, readonly Result[]>();
  /** Whether tensors from outside, and all that is computed of them alone, become constants of the graph. */
  readonly #isFrozen: boolean;
  /** Shapes of results, by operation. */
  readonly #shapes = new Map<string, readonly (readonly number[])[]>();
  #operations = 0;
  #flops = 0;

  constructor(binding: TensorflowBinding, name: string, { frozen = false } = {}) {
    this.#binding = binding;
    this.name = name;
    this.#isFrozen = frozen;
    this.#setters = graphSetters(binding.library);
    this.#graph = binding.library.symbols.TF_NewGraph();
  }

  /** Tensors from outside that are neither inputs nor variables: their values at the time of recording. */
  get captures(): readonly Deno.PointerValue[] {
    return [...this.#captures.values()];
  }

  /** Whether a tensor from outside is read, as a constant. */
  hasCaptured(id: number): boolean {
    return this.#captures.has(id);
  }

  get operationCount(): number {
    return this.#operations;
  }

  /** Multiplications and additions of its convolutions and matrix products. */
  get flops(): number {
    return this.#flops;
  }

  isSymbolic(id: number): boolean {
    return this.#bound.has(id);
  }

  shapeOf(id: number): readonly number[] {
    return this.#nodes.get(id)?.shape ?? this.#binding.describe(id).shape;
  }

  isConstant(inputs: readonly number[]): boolean {
    return this.#isFrozen && !inputs.some((id) => this.#bound.has(id));
  }

  /** Makes a tensor from outside a parameter of the function; call for inputs and variables, in order, first. */
  bind(id: number): void {
    const { dtype, shape } = this.#binding.describe(id);
    this.#shapes.set(this.#nextName, [shape]);
    const attributes = [
      { name: "dtype", type: AttributeType.type, value: dtype },
      { name: "shape", type: AttributeType.shape, value: shape },
    ];
    const node = this.#add("Placeholder", [], (operation) => {
      for (const one of attributes) {
        setAttribute(this.#setters, operation, one, this.#binding.library);
      }
    });
    const parameter = { operation: node, index: 0, shape, key: `parameter ${id}` };
    this.#nodes.set(id, parameter);
    this.#parameters.push(parameter);
    this.#bound.add(id);
  }

  createdTensor(id: number): void {
    // A frozen graph has the constants that are read, and no others.
    if (!this.#isFrozen) this.#addConstant(id);
  }

  #addConstant(id: number): void {
    const { library, library: { symbols, status } } = this.#binding;
    const tensor = symbols.TFE_TensorHandleResolve(this.#binding.handle(id), status);
    library.check("record a constant");
    const { dtype, shape } = this.#binding.describe(id);
    const size = Number(symbols.TF_TensorByteSize(tensor));
    const content = size > 0 && size <= LARGEST_COMPARED
      ? new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(symbols.TF_TensorData(tensor)!, size))
        .join()
      : `of tensor ${id}`;
    const key = `constant ${dtype} [${shape}] ${content}`;
    const [node] = this.#once(key, () => {
      this.#shapes.set(this.#nextName, [shape]);
      const operation = this.#add("Const", [], (op) => {
        symbols.TF_SetAttrType(op, library.string("dtype"), dtype);
        symbols.TF_SetAttrTensor(op, library.string("value"), tensor, status);
      });
      return [{ operation, index: 0, shape, key, dtype }];
    });
    symbols.TF_DeleteTensor(tensor);
    this.#nodes.set(id, node);
  }

  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): OpOutput[] {
    const nodes = inputs.map((id) => this.#nodes.get(id) ?? this.#capture(id));
    const key = JSON.stringify([name, attributes, nodes.map((node) => node.key)]);
    const outputs = this.#once(key, () => this.#write(name, attributes, nodes, outputCount));
    return outputs.map((node) => {
      const id = this.#binding.newId();
      this.#nodes.set(id, node);
      this.#bound.add(id);
      return { id, shape: [...node.shape], dtype: node.dtype };
    });
  }

  #write(
    name: string,
    attributes: readonly OpAttribute[],
    nodes: readonly GraphNode[],
    outputCount: number,
  ): Result[] {
    const number = this.#operations;
    const ownName = this.#nextName;
    const operation = this.#add(name, nodes, (op) => {
      for (const attribute of attributes) {
        if (attribute.name === "N" && LIST_INPUTS.has(name)) continue; // follows from the list
        setAttribute(this.#setters, op, attribute, this.#binding.library);
      }
    });
    const { symbols } = this.#binding.library;
    const count = Math.min(outputCount, symbols.TF_OperationNumOutputs(operation));
    const outputs = Array.from({ length: count }, (_, index) => {
      const output = { operation, index };
      const shape = this.#shapeOf(output, name);
      const dtype = symbols.TF_OperationOutputType(pack([output]));
      return { ...output, shape, key: `${number}:${index}`, dtype };
    });
    this.#shapes.set(ownName, outputs.map(({ shape }) => shape));
    this.#flops += flopsOf(name, nodes.map(({ shape }) => shape), outputs[0].shape);
    return outputs;
  }

  /** What is known under a key, or is made now. */
  #once(key: string, make: () => readonly Result[]): readonly Result[] {
    const known = this.#known.get(key);
    if (known) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }

  /** Makes the function and registers it; returns its name in TensorFlow. */
  finish(outputs: readonly number[], functionName: string): void {
    const { library, library: { symbols, status }, context } = this.#binding;
    const nodes = this.#results(outputs);
    const made = symbols.TF_GraphToFunction(
      this.#graph,
      library.string(functionName),
      0,
      -1,
      null,
      this.#parameters.length,
      pack(this.#parameters),
      nodes.length,
      pack(nodes),
      null,
      null,
      null,
      status,
    );
    library.check(`record "${this.name}"`);
    symbols.TFE_ContextAddFunction(context, made, status);
    symbols.TF_DeleteFunction(made);
    library.check(`record "${this.name}"`);
  }

  /** The graph as TensorFlow's GraphDef, with the operations that its parameters and results are. */
  serialize(outputs: readonly number[]): SerializedGraph {
    const results = this.#results(outputs).map(({ name }) => name);
    const bytes = graphDefOf(this.#binding.library, this.#graph);
    const parameters = this.#parameters.map((_, index) => `n${index}`);
    return { bytes, parameters, results, shapes: this.#shapes };
  }

  /** Results that are parameters, or constants, pass through an operation so that each has one of its own. */
  #results(ids: readonly number[]): (Place & { readonly name: string })[] {
    return ids.map((id) => {
      const node = this.#nodes.get(id) ?? this.#capture(id);
      const name = this.#nextName;
      this.#shapes.set(name, [node.shape]);
      return { operation: this.#add("Identity", [node], () => {}), index: 0, name };
    });
  }

  /** Frees the graph; the function that was made of it lives on. */
  [Symbol.dispose](): void {
    this.#binding.library.symbols.TF_DeleteGraph(this.#graph);
  }

  /** Holds a tensor from outside, so that it lives as long as the recording. */
  #capture(id: number): GraphNode {
    if (this.#isFrozen) {
      this.#addConstant(id);
      return this.#nodes.get(id)!;
    }
    const { library, library: { symbols, status } } = this.#binding;
    const copy = symbols.TFE_TensorHandleCopySharingTensor(this.#binding.handle(id), status);
    library.check("hold a constant");
    this.#captures.set(id, copy);
    this.bind(id);
    return this.#nodes.get(id)!;
  }

  /** Of the operation that is added next. */
  get #nextName(): string {
    return `n${this.#operations}`;
  }

  #add(
    name: string,
    inputs: readonly GraphNode[],
    prepare: (operation: Deno.PointerValue) => void,
  ): Deno.PointerValue {
    const { library, library: { symbols, status } } = this.#binding;
    const operation = symbols.TF_NewOperation(
      this.#graph,
      library.string(name),
      new TextEncoder().encode(`${this.#nextName}\0`),
    );
    this.#operations++;
    if (LIST_INPUTS.has(name)) {
      const list = inputs.slice(0, inputs.length - (name === "ConcatV2" ? 1 : 0));
      symbols.TF_AddInputList(operation, pack(list), list.length);
      for (const node of inputs.slice(list.length)) symbols.TF_AddInput(operation, pack([node]));
    } else {
      for (const node of inputs) symbols.TF_AddInput(operation, pack([node]));
    }
    if (name === "CollectiveReduceV2") symbols.TF_AddInputList(operation, pack([]), 0); // tokens
    prepare(operation);
    const finished = symbols.TF_FinishOperation(operation, status);
    library.check(`record the operation ${name}`);
    return finished;
  }

  #shapeOf(node: Place, name: string): number[] {
    const { library, library: { symbols, status } } = this.#binding;
    const rank = symbols.TF_GraphGetTensorNumDims(this.#graph, pack([node]), status);
    const shape = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) symbols.TF_GraphGetTensorShape(this.#graph, pack([node]), shape, rank, status);
    library.check(`find the shape of ${name}`);
    if (rank < 0 || shape.some((size) => size < 0n)) {
      if (node.index >= (RESERVED_OUTPUTS[name] ?? Infinity)) return [];
      throw new Error(
        `Cannot record "${this.name}" as the output shape of ${name} depends on values: use operations with static shapes`,
      );
    }
    return Array.from(shape, Number);
  }
}
