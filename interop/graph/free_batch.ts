/**
 * A free batch size: a function that was recorded twice, at two batch sizes, shows where its graph holds the batch size.
 *
 * @module
 */
import { constantNode, constantOf, integersNode, shapeOf } from "./constant.ts";
import { type Graph, orderedNodes, type Place, resultOf } from "./graph.ts";
import { DataType, type NodeDef } from "./graph_def.ts";

/** What became of a graph. */
export interface Freed {
  /** With -1 in the place of the batch size; undefined where it cannot be free. */
  readonly graph?: Graph;
  /** What stands against it, e.g. "Mul_12 reads a constant of [5,1]". */
  readonly obstacle?: string;
}

/** A list of integers of both recordings. */
interface Lists {
  readonly small: readonly number[];
  readonly large: readonly number[];
  /** Where they differ. */
  readonly places: readonly number[];
  /** Batch sizes. */
  readonly batches: readonly [number, number];
  /** Of the operation's first input in the small recording. */
  readonly shape: readonly number[];
}

/** What a rule is told besides the two lists. */
interface Surroundings extends Pick<Lists, "batches" | "shape"> {
  /** Shapes of the operation's result in both recordings. */
  readonly results: readonly [readonly number[], readonly number[]];
}

/** Puts -1 where a list holds the batch size; undefined where that is not what an operation understands. */
type Rule = (lists: Lists) => readonly number[] | undefined;

const asFree = (list: readonly number[], places: readonly number[]) =>
  list.map((value, place) => places.includes(place) ? -1 : value);

/** One side may be whatever is left. */
const reshape: Rule = ({ small, large, places, batches: [fewer, more] }) => {
  const [place, ...others] = places;
  const isMultiple = small[place] * more === large[place] * fewer;
  return others.length === 0 && isMultiple ? asFree(small, places) : undefined;
};

/** A slice may be the whole side. */
const slice: Rule = ({ small, places, shape }) =>
  places.every((place) => small[place] === shape[place]) ? asFree(small, places) : undefined;

/** The first number is the batch size itself, which is read off the images when the graph runs. */
const leading: Rule = ({ small, places, batches: [fewer] }) =>
  places.length === 1 && places[0] === 0 && small[0] === fewer ? asFree(small, places) : undefined;

/** Operations that take the batch size, and as which input. */
const RULES: Readonly<
  Record<string, {
    readonly input: number;
    readonly rule: Rule;
    /** Whether the list is the result's shape, which says what a -1 in it stands for. */
    readonly isResult?: true;
  }>
> = {
  Reshape: { input: 1, rule: reshape, isResult: true },
  Slice: { input: 2, rule: slice },
  Conv2DBackpropInput: { input: 0, rule: leading },
  Tile: { input: 1, rule: leading },
};

/**
 * Frees the batch size of a graph.
 *
 * @param small Recorded at one batch size, the first side of its first input
 * @param large The same function at a larger one
 * @returns The graph, or what stands against it
 */
export function freeBatch(small: Graph, large: Graph): Freed {
  const batches = [small, large].map(({ inputs: [{ shape }] }) => shape[0]) as [number, number];
  const nodes = new Map<string, NodeDef>();
  const partners = new Map<string, string>();
  const waiting = small.outputs.map(({ node }, k) => [node, large.outputs[k].node]);
  for (let pair = waiting.pop(); pair; pair = waiting.pop()) {
    const [name, partner] = pair;
    if (partners.get(name) === partner) continue;
    const [one, other] = [small.nodes.get(name)!, large.nodes.get(partner)!];
    if (partners.has(name) || !isLike(one, other)) {
      return { obstacle: `${name} differs with the batch size` };
    }
    partners.set(name, partner);
    const input = [...one.input];
    const results = [small.shapes.get(name)![0], large.shapes.get(partner)![0]] as const;
    for (const [k, source] of one.input.entries()) {
      const [from, to] = [source, other.input[k]].map((text) => resultOf(text).node);
      const [a, b] = [small.nodes.get(from)!, large.nodes.get(to)!];
      if (a.op !== "Const" || b.op !== "Const") {
        waiting.push([from, to]);
      } else if (isSameConstant(a, b)) {
        nodes.set(from, a);
      } else {
        const first = small.shapes.get(resultOf(one.input[0]).node)?.[0] ?? [];
        const list = freedList(one, k, a, b, { batches, shape: first, results });
        const made = list ? [list] : repeatedRows(a, b, batches);
        if (!made) {
          const shape = constantOf(a)!.shape;
          return { obstacle: `${name} (${one.op}) reads a constant of [${shape}] that differs` };
        }
        for (const node of made) nodes.set(node.name, node);
        input[k] = made.at(-1)!.name;
      }
    }
    nodes.set(name, { ...one, input });
  }
  return { graph: freed(small, large, nodes, partners) };
}

/** The graph of freed nodes, with free dimensions in its shapes. */
function freed(
  small: Graph,
  large: Graph,
  nodes: Map<string, NodeDef>,
  partners: ReadonlyMap<string, string>,
): Graph {
  const free = (shape: readonly number[], other: readonly number[]) =>
    shape.map((side, k) => side === other[k] ? side : -1);
  const places = (list: readonly Place[], others: readonly Place[]) =>
    list.map((place, k) => ({ ...place, shape: free(place.shape, others[k].shape) }));
  const [inputs, outputs] = [
    places(small.inputs, large.inputs),
    places(small.outputs, large.outputs),
  ];
  for (const { node, shape } of inputs) {
    const one = small.nodes.get(node)!;
    nodes.set(node, { ...one, attr: { ...one.attr, shape: { shape: shapeOf(shape) } } });
  }
  const shapes = new Map(small.shapes);
  for (const [name, partner] of partners) {
    const others = large.shapes.get(partner)!;
    shapes.set(name, small.shapes.get(name)!.map((shape, k) => free(shape, others[k])));
  }
  return { ...small, nodes: orderedNodes(nodes, inputs, outputs), inputs, outputs, shapes };
}

/** Whether two operations differ in nothing but their inputs and, if they are inputs of the graph, their shape. */
function isLike(one: NodeDef, other: NodeDef): boolean {
  if (one.op !== other.op || one.input.length !== other.input.length) return false;
  if (one.op === "Placeholder") return true;
  if (one.op === "Const") return isSameConstant(one, other);
  return sorted(one.attr) === sorted(other.attr);
}

/** Attributes as text; they stand in no fixed order. */
function sorted(attributes: NodeDef["attr"]): string {
  return JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => a < b ? -1 : 1));
}

function isSameConstant(one: NodeDef, other: NodeDef): boolean {
  const [{ tensor: a }, { tensor: b }] = [one.attr.value, other.attr.value];
  const { content: x = new Uint8Array(), ...rest } = a!;
  const { content: y = new Uint8Array(), ...others } = b!;
  if (JSON.stringify(rest) !== JSON.stringify(others) || x.length !== y.length) return false;
  for (let at = 0; at < x.length; at++) if (x[at] !== y[at]) return false;
  return true;
}

/** The list of integers that an operation reads, without the batch size; undefined where it is no such list. */
function freedList(
  { op, name }: NodeDef,
  input: number,
  a: NodeDef,
  b: NodeDef,
  { batches, shape, results }: Surroundings,
): NodeDef | undefined {
  const known = Object.hasOwn(RULES, op) ? RULES[op] : undefined;
  if (known?.input !== input) return undefined;
  const [small, large] = known.isResult
    ? results
    : [a, b].map((node) => Array.from(constantOf(node)!.values, Number));
  if (small.length !== large.length) return undefined;
  const places = small.flatMap((value, place) => value === large[place] ? [] : [place]);
  const values = known.rule({ small, large, places, batches, shape });
  return values && integersNode(`${name}/free`, values);
}

/**
 * A constant that is the same rows for each example, as an operation that repeats those rows: the last node. Undefined
 * where it is no such constant.
 */
function repeatedRows(
  a: NodeDef,
  b: NodeDef,
  [fewer, more]: readonly [number, number],
): NodeDef[] | undefined {
  const [small, large] = [a, b].map((node) => constantOf(node)!);
  const [count, ...rest] = small.shape;
  const own = count / fewer;
  const isPerExample = Number.isInteger(own) && large.shape[0] === own * more &&
    String(rest) === String(large.shape.slice(1));
  if (!isPerExample) return undefined;
  const rows = small.values.slice(0, small.values.length / fewer);
  const isRepeated = [small, large].every(({ values }) =>
    values.every((value, at) => value === rows[at % rows.length])
  );
  if (!isRepeated) return undefined;
  const { name, attr: { dtype } } = a;
  const one = constantNode(`${name}/own`, { ...small, shape: [own, ...rest], values: rows });
  const repeats = integersNode(`${name}/repeats`, [-1, ...rest.map(() => 1)]);
  const attr = { T: dtype, Tmultiples: { type: DataType.int32 } };
  return [one, repeats, {
    name: `${name}/rows`,
    op: "Tile",
    input: [one.name, repeats.name],
    attr,
  }];
}
