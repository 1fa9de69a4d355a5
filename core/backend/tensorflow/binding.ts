/**
 * The twelve functions that tfjs-node's kernels expect of a native addon, over FFI; and the place
 * where a recording takes the operations over.
 *
 * @module
 */
import {
  type AttributeSetters,
  AttributeType,
  eagerSetters,
  type OpAttribute,
  setAttribute,
} from "./attributes.ts";
import { readString, type TensorflowLibrary } from "./library.ts";

/** TensorFlow's numbers for data types. */
export const DataType = {
  float: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** Bytes of a number, of the types whose numbers lie in a row. */
const BYTES: Readonly<Record<number, number>> = {
  [DataType.float]: 4,
  [DataType.int32]: 4,
  [DataType.uint8]: 1,
  [DataType.complex64]: 8,
  [DataType.int64]: 8,
  [DataType.bool]: 1,
};

/** What an operation gives back. */
export interface OpOutput {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** Takes operations instead of their being run. */
export interface OperationSink {
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): OpOutput[];
  createdTensor(id: number): void;
  /** Whether the id stands for something that has no value yet. */
  isSymbolic(id: number): boolean;
  /** Whether an operation on these inputs is run at once, and its results are constants of what is written down. */
  isConstant(inputs: readonly number[]): boolean;
  readonly name: string;
}

type Values = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** The addon's functions, and the tensors that they made. */
export class TensorflowBinding {
  readonly TF_FLOAT: number = DataType.float;
  readonly TF_INT32: number = DataType.int32;
  readonly TF_UINT8: number = DataType.uint8;
  readonly TF_STRING: number = DataType.string;
  readonly TF_COMPLEX64: number = DataType.complex64;
  readonly TF_INT64: number = DataType.int64;
  readonly TF_BOOL: number = DataType.bool;
  readonly TF_RESOURCE: number = DataType.resource;
  readonly TF_ATTR_STRING: number = AttributeType.string;
  readonly TF_ATTR_INT: number = AttributeType.int;
  readonly TF_ATTR_FLOAT: number = AttributeType.float;
  readonly TF_ATTR_BOOL: number = AttributeType.bool;
  readonly TF_ATTR_TYPE: number = AttributeType.type;
  readonly TF_ATTR_SHAPE: number = AttributeType.shape;
  readonly TF_ATTR_RESOURCE: number = AttributeType.resource;
  readonly TF_Version: string;

  readonly library: TensorflowLibrary;
  readonly context: Deno.PointerValue;
  readonly devices: readonly { readonly name: string; readonly type: string }[];
  /** Where operations go while a step is recorded. */
  sink: OperationSink | undefined;
  readonly #handles = new Map<number, Deno.PointerValue>();
  readonly #int64Scalars = new Map<number, number>();
  readonly #outputs = new BigUint64Array(4096);
  readonly #outputCount = new Int32Array(1);
  readonly #setters: AttributeSetters;
  #nextId = 0;

  /**
   * @param library The opened library
   * @param config A serialized ConfigProto
   */
  constructor(library: TensorflowLibrary, config: Uint8Array<ArrayBuffer>) {
    const { symbols, status } = library;
    this.library = library;
    this.#setters = eagerSetters(library);
    this.TF_Version = library.version;
    const options = symbols.TFE_NewContextOptions();
    symbols.TFE_ContextOptionsSetConfig(options, config, BigInt(config.length), status);
    library.check("configure TensorFlow");
    this.context = symbols.TFE_NewContext(options, status);
    library.check("start TensorFlow");
    symbols.TFE_DeleteContextOptions(options);
    const list = symbols.TFE_ContextListDevices(this.context, status);
    library.check("list TensorFlow's devices");
    this.devices = Array.from({ length: symbols.TF_DeviceListCount(list) }, (_, index) => ({
      name: readString(symbols.TF_DeviceListName(list, index, status)),
      type: readString(symbols.TF_DeviceListType(list, index, status)),
    }));
    symbols.TF_DeleteDeviceList(list);
  }

  isUsingGpuDevice(): boolean {
    return this.devices.some(({ type }) => type === "GPU");
  }

  getNumOfTensors(): number {
    return this.#handles.size;
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  /** A number for something that is not held here: a result inside a recording. */
  newId(): number {
    return this.#nextId++;
  }

  /** The tensor behind a number. */
  handle(id: number): Deno.PointerValue {
    const handle = this.#handles.get(id);
    if (!handle) {
      throw new Error(
        "Cannot use a tensor as it was made inside a recorded step: return it from the step instead",
      );
    }
    return handle;
  }

  /** Takes a tensor in; it is freed by deleteTensor. */
  adopt(handle: Deno.PointerValue): number {
    this.#handles.set(this.#nextId, handle);
    return this.#nextId++;
  }

  /**
   * Makes a tensor.
   *
   * @throws {RangeError} If there are more or fewer values than its shape has: TensorFlow reads as many as the shape
   * says, wherever they end. tfjs gives none of a list of tensors in the place of one, as in `tf.sum([a, b])`
   */
  createTensor(shape: readonly number[], dtype: number, values: Values): number {
    const bytes = shape.reduce((size, side) => size * side, BYTES[dtype] ?? NaN);
    if (bytes !== values.byteLength) {
      throw new RangeError(
        `Cannot make a tensor of [${
          shape.join(", ")
        }] as it must have ${bytes} bytes of values: current length is ${values.byteLength}; give one tensor, no list of tensors`,
      );
    }
    // tfjs-node makes an int64 scalar for each call of some kernels and never frees it: keep one a value.
    const scalar = dtype === DataType.int64 && shape.length === 0
      ? new Int32Array(values.buffer, values.byteOffset, 1)[0]
      : undefined;
    const known = scalar === undefined ? undefined : this.#int64Scalars.get(scalar);
    if (known !== undefined) {
      this.sink?.createdTensor(known);
      return known;
    }
    const { symbols, status } = this.library;
    const size = values.byteLength;
    const tensor = symbols.TF_AllocateTensor(
      dtype,
      new BigInt64Array(shape.map(BigInt)),
      shape.length,
      BigInt(size),
    );
    if (size > 0) {
      const target = Deno.UnsafePointerView.getArrayBuffer(symbols.TF_TensorData(tensor)!, size);
      new Uint8Array(target).set(new Uint8Array(values.buffer, values.byteOffset, size));
    }
    const handle = symbols.TFE_NewTensorHandle(tensor, status);
    symbols.TF_DeleteTensor(tensor);
    this.library.check("make a tensor");
    const id = this.adopt(handle);
    if (scalar !== undefined) this.#int64Scalars.set(scalar, id);
    this.sink?.createdTensor(id);
    return id;
  }

  deleteTensor(id: number): void {
    const handle = this.#handles.get(id);
    if (!handle) return; // made inside a recording
    this.library.symbols.TFE_DeleteTensorHandle(handle);
    this.#handles.delete(id);
  }

  tensorDataSync(id: number): Values {
    if (this.sink?.isSymbolic(id)) {
      throw new Error(
        `Cannot record "${this.sink.name}" as it reads a tensor's values: return the tensor and read it after the step`,
      );
    }
    const { symbols, status } = this.library;
    const tensor = symbols.TFE_TensorHandleResolve(this.handle(id), status);
    this.library.check("read a tensor");
    const size = Number(symbols.TF_TensorByteSize(tensor));
    const bytes = size
      ? Deno.UnsafePointerView.getArrayBuffer(symbols.TF_TensorData(tensor)!, size).slice(0)
      : new ArrayBuffer(0);
    symbols.TF_DeleteTensor(tensor);
    switch (this.describe(id).dtype) {
      case DataType.float:
      case DataType.complex64:
        return new Float32Array(bytes);
      case DataType.int32:
        return new Int32Array(bytes);
      case DataType.int64:
        return new BigInt64Array(bytes);
      default:
        return new Uint8Array(bytes);
    }
  }

  /** Data type and shape of a tensor that has a value. */
  describe(id: number): { dtype: number; shape: number[] } {
    const { symbols, status } = this.library;
    const handle = this.handle(id);
    const rank = symbols.TFE_TensorHandleNumDims(handle, status);
    return {
      dtype: symbols.TFE_TensorHandleDataType(handle),
      shape: Array.from(
        { length: rank },
        (_, axis) => Number(symbols.TFE_TensorHandleDim(handle, axis, status)),
      ),
    };
  }

  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): OpOutput[] {
    if (this.sink && !this.sink.isConstant(inputs)) {
      return this.sink.executeOp(name, attributes, inputs, outputCount);
    }
    return this.run(name, attributes, inputs.map((id) => this.handle(id)), outputCount).map(
      (handle) => {
        const id = this.adopt(handle);
        return { id, ...this.describe(id) };
      },
    );
  }

  /** Runs an operation at once. */
  run(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Deno.PointerValue[],
    outputCount: number,
  ): Deno.PointerValue[] {
    const { library: { symbols, status }, library } = this;
    const op = symbols.TFE_NewOp(this.context, library.string(name), status);
    library.check(`make the operation ${name}`);
    try {
      for (const input of inputs) symbols.TFE_OpAddInput(op, input, status);
      library.check(`feed the operation ${name}`);
      for (const attribute of attributes) setAttribute(this.#setters, op, attribute, library);
      this.#outputCount[0] = outputCount;
      symbols.TFE_Execute(op, this.#outputs, this.#outputCount, status);
      library.check(`run the operation ${name}`);
      return Array.from(
        this.#outputs.subarray(0, this.#outputCount[0]),
        (address) => Deno.UnsafePointer.create(address),
      );
    } finally {
      symbols.TFE_DeleteOp(op);
    }
  }
}
