/**
 * Tensors of ONNX files as arrays on the host.
 *
 * @module
 */
import { decodeNumbers } from "@realign/core";
import { type HostArray, type NumberKind, sizeOf } from "./host_array.ts";
import type { OnnxMessage } from "./schema.ts";

/** Raw bytes of a tensor that lie in another file: its place, from `offset` on. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

type Numbers = ArrayLike<number>;

interface Kind {
  readonly name: string;
  readonly kind: NumberKind;
  readonly bytes: number;
  /** Raw bytes as numbers; the bytes begin a buffer of their own. */
  readonly raw: (bytes: Uint8Array<ArrayBuffer>) => Numbers;
  /** Numbers that stand as fields. */
  readonly fields: (tensor: OnnxMessage<"Tensor">) => Numbers | undefined;
}

const int32s = ({ int32s }: OnnxMessage<"Tensor">) => int32s;
/** 16 bits of a float, which stand as integers. */
const halves = (format: "F16" | "BF16") => ({ int32s }: OnnxMessage<"Tensor">) =>
  int32s && decodeNumbers(format, new Uint8Array(Uint16Array.from(int32s).buffer));

/** TensorProto.DataType by its number. Strings, complex and 8 bit floats are not read. */
const KINDS: Readonly<Record<number, Kind>> = {
  1: floats("float32", 4, (bytes) => decodeNumbers("F32", bytes), ({ floats }) => floats),
  2: ints("uint8", 1, (bytes) => bytes, int32s),
  3: ints("int8", 1, ({ buffer }) => new Int8Array(buffer), int32s),
  4: ints("uint16", 2, ({ buffer }) => new Uint16Array(buffer), int32s),
  5: ints("int16", 2, ({ buffer }) => new Int16Array(buffer), int32s),
  6: ints("int32", 4, ({ buffer }) => new Int32Array(buffer), int32s),
  7: ints(
    "int64",
    8,
    ({ buffer }) => Array.from(new BigInt64Array(buffer), Number),
    ({ int64s }) => int64s,
  ),
  9: { ...ints("bool", 1, (bytes) => bytes, int32s), kind: "bool" },
  10: floats("float16", 2, (bytes) => decodeNumbers("F16", bytes), halves("F16")),
  11: floats(
    "float64",
    8,
    (bytes) => Float32Array.from(new Float64Array(bytes.buffer)),
    ({ doubles }) => doubles,
  ),
  12: ints("uint32", 4, ({ buffer }) => new Uint32Array(buffer), ({ uint64s }) => uint64s),
  13: ints(
    "uint64",
    8,
    ({ buffer }) => Array.from(new BigUint64Array(buffer), Number),
    ({ uint64s }) => uint64s,
  ),
  16: floats("bfloat16", 2, (bytes) => decodeNumbers("BF16", bytes), halves("BF16")),
};

function floats(name: string, bytes: number, raw: Kind["raw"], fields: Kind["fields"]): Kind {
  return { name, kind: "float", bytes, raw, fields };
}

function ints(name: string, bytes: number, raw: Kind["raw"], fields: Kind["fields"]): Kind {
  return { name, kind: "int", bytes, raw, fields };
}

/** What a type of ONNX holds, e.g. for Cast; undefined for one that is not read. */
export function kindOf(type: number): NumberKind | undefined {
  return KINDS[type]?.kind;
}

/** A type's name for people. */
export function typeName(type: number | undefined): string {
  return KINDS[type ?? 0]?.name ?? `type ${type ?? 0}`;
}

/** Whether a path that a file names stays in its folder. */
export function isBeside(location: string): boolean {
  return !/[\\:\0]/.test(location) &&
    location.split("/").every((part) => part !== "" && part !== "..");
}

/**
 * Where a tensor's bytes lie, if not in the file itself.
 *
 * @throws {Error} If its place is not inside the model's folder; the message goes on from the tensor's name
 */
export function externalOf(tensor: OnnxMessage<"Tensor">): ExternalData | undefined {
  if (tensor.location !== 1) return undefined;
  const entries = new Map(tensor.external?.map(({ key, value }) => [key, value]));
  const location = entries.get("location") ?? "";
  if (!isBeside(location)) {
    throw new Error(
      `must lie in the model's folder: it is in ${JSON.stringify(location.slice(0, 80))}`,
    );
  }
  const offset = Number(entries.get("offset") ?? 0);
  const whole = sizeOf(tensor.dims ?? []) * (KINDS[tensor.type ?? 0]?.bytes ?? 0);
  const length = Number(entries.get("length") ?? whole);
  if (![offset, length].every((number) => Number.isSafeInteger(number) && number >= 0)) {
    throw new Error("must say its offset and length in whole numbers");
  }
  return { location, offset, length };
}

/**
 * Reads a tensor.
 *
 * @param tensor What the file holds
 * @param outside Its bytes, if they lie in another file
 * @returns Its numbers; float64 and half floats as float32
 * @throws {Error} If its numbers are of another kind or count; the message goes on from the tensor's name
 */
export function readTensor(tensor: OnnxMessage<"Tensor">, outside?: Uint8Array): HostArray {
  const { dims = [], type = 0 } = tensor;
  const kind = KINDS[type];
  if (!kind) {
    const names = Object.values(KINDS).map(({ name }) => name).join(", ");
    throw new Error(`must be of ${names}: it is of type ${type}`);
  }
  const size = sizeOf(dims);
  if (!dims.every((length) => length >= 0) || !Number.isSafeInteger(size)) {
    throw new Error(`must have a shape: current shape is [${dims.join(", ")}]`);
  }
  const raw = outside ?? tensor.raw;
  if (raw && raw.length !== size * kind.bytes) {
    throw new Error(
      `must have ${size * kind.bytes} bytes for ${kind.name} [${
        dims.join(", ")
      }]: it has ${raw.length}`,
    );
  }
  // A copy: the numbers need an address that their size divides.
  const numbers = raw ? kind.raw(new Uint8Array(raw)) : kind.fields(tensor) ?? [];
  if (numbers.length !== size) {
    throw new Error(`must have ${size} numbers for [${dims.join(", ")}]: it has ${numbers.length}`);
  }
  if (kind.kind !== "float") return { dims, kind: kind.kind, data: Float64Array.from(numbers) };
  return {
    dims,
    kind: "float",
    data: numbers instanceof Float32Array ? numbers : Float32Array.from(numbers),
  };
}
