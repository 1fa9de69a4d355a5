/**
 * TensorFlow's C library, opened over FFI: the symbols that are used, status and strings.
 *
 * @module
 */

const pointer = "pointer", buffer = "buffer";
/** TF_Output, passed by value: an operation and which of its results. */
const output = { struct: ["pointer", "i32"] } as const;

const symbols = {
  // The system's own, which a library's dependencies bring.
  dlopen: { parameters: [buffer, "i32"], result: pointer, optional: true },
  TF_Version: { parameters: [], result: pointer },
  TF_NewStatus: { parameters: [], result: pointer },
  TF_DeleteStatus: { parameters: [pointer], result: "void" },
  TF_GetCode: { parameters: [pointer], result: "i32" },
  TF_Message: { parameters: [pointer], result: pointer },
  TF_SetStatus: { parameters: [pointer, "i32", "buffer"], result: "void" },
  TF_AllocateTensor: { parameters: ["i32", buffer, "i32", "usize"], result: pointer },
  TF_TensorData: { parameters: [pointer], result: pointer },
  TF_TensorByteSize: { parameters: [pointer], result: "usize" },
  TF_DeleteTensor: { parameters: [pointer], result: "void" },
  TF_DeviceListCount: { parameters: [pointer], result: "i32" },
  TF_DeviceListName: { parameters: [pointer, "i32", pointer], result: pointer },
  TF_DeviceListType: { parameters: [pointer, "i32", pointer], result: pointer },
  TF_DeleteDeviceList: { parameters: [pointer], result: "void" },
  TFE_NewContextOptions: { parameters: [], result: pointer },
  TFE_ContextOptionsSetConfig: { parameters: [pointer, buffer, "usize", pointer], result: "void" },
  TFE_DeleteContextOptions: { parameters: [pointer], result: "void" },
  TFE_NewContext: { parameters: [pointer, pointer], result: pointer },
  TFE_EnableCollectiveOps: {
    parameters: [pointer, buffer, "usize", pointer],
    result: "void",
    optional: true,
  },
  TFE_CollectiveOpsCheckPeerHealth: {
    parameters: [pointer, buffer, "i64", pointer],
    result: "void",
    optional: true,
  },
  TFE_ContextListDevices: { parameters: [pointer, pointer], result: pointer },
  TFE_NewTensorHandle: { parameters: [pointer, pointer], result: pointer },
  TFE_DeleteTensorHandle: { parameters: [pointer], result: "void" },
  TFE_TensorHandleCopySharingTensor: { parameters: [pointer, pointer], result: pointer },
  TFE_TensorHandleResolve: { parameters: [pointer, pointer], result: pointer },
  TFE_TensorHandleDataType: { parameters: [pointer], result: "i32" },
  TFE_TensorHandleNumDims: { parameters: [pointer, pointer], result: "i32" },
  TFE_TensorHandleDim: { parameters: [pointer, "i32", pointer], result: "i64" },
  TFE_NewOp: { parameters: [pointer, buffer, pointer], result: pointer },
  TFE_DeleteOp: { parameters: [pointer], result: "void" },
  TFE_OpSetDevice: { parameters: [pointer, buffer, pointer], result: "void" },
  TFE_OpAddInput: { parameters: [pointer, pointer, pointer], result: "void" },
  TFE_OpSetAttrString: { parameters: [pointer, buffer, buffer, "usize"], result: "void" },
  TFE_OpSetAttrInt: { parameters: [pointer, buffer, "i64"], result: "void" },
  TFE_OpSetAttrFloat: { parameters: [pointer, buffer, "f32"], result: "void" },
  TFE_OpSetAttrBool: { parameters: [pointer, buffer, "u8"], result: "void" },
  TFE_OpSetAttrType: { parameters: [pointer, buffer, "i32"], result: "void" },
  TFE_OpSetAttrShape: { parameters: [pointer, buffer, buffer, "i32", pointer], result: "void" },
  TFE_OpSetAttrIntList: { parameters: [pointer, buffer, buffer, "i32"], result: "void" },
  TFE_OpSetAttrFloatList: { parameters: [pointer, buffer, buffer, "i32"], result: "void" },
  TFE_OpSetAttrBoolList: { parameters: [pointer, buffer, buffer, "i32"], result: "void" },
  TFE_Execute: { parameters: [pointer, buffer, buffer, pointer], result: "void" },
  TFE_ContextAddFunction: { parameters: [pointer, pointer, pointer], result: "void" },
  TFE_ContextRemoveFunction: { parameters: [pointer, buffer, pointer], result: "void" },
  TF_NewGraph: { parameters: [], result: pointer },
  TF_DeleteGraph: { parameters: [pointer], result: "void" },
  TF_NewOperation: { parameters: [pointer, buffer, buffer], result: pointer },
  TF_AddInput: { parameters: [pointer, output], result: "void" },
  TF_AddInputList: { parameters: [pointer, buffer, "i32"], result: "void" },
  TF_SetAttrString: { parameters: [pointer, buffer, buffer, "usize"], result: "void" },
  TF_SetAttrInt: { parameters: [pointer, buffer, "i64"], result: "void" },
  TF_SetAttrFloat: { parameters: [pointer, buffer, "f32"], result: "void" },
  TF_SetAttrBool: { parameters: [pointer, buffer, "u8"], result: "void" },
  TF_SetAttrType: { parameters: [pointer, buffer, "i32"], result: "void" },
  TF_SetAttrShape: { parameters: [pointer, buffer, buffer, "i32"], result: "void" },
  TF_SetAttrIntList: { parameters: [pointer, buffer, buffer, "i32"], result: "void" },
  TF_SetAttrFloatList: { parameters: [pointer, buffer, buffer, "i32"], result: "void" },
  TF_SetAttrBoolList: { parameters: [pointer, buffer, buffer, "i32"], result: "void" },
  TF_SetAttrTensor: { parameters: [pointer, buffer, pointer, pointer], result: "void" },
  TF_FinishOperation: { parameters: [pointer, pointer], result: pointer },
  TF_OperationNumOutputs: { parameters: [pointer], result: "i32" },
  TF_OperationOutputType: { parameters: [output], result: "i32" },
  TF_GraphGetTensorNumDims: { parameters: [pointer, output, pointer], result: "i32" },
  TF_GraphGetTensorShape: { parameters: [pointer, output, buffer, "i32", pointer], result: "void" },
  TF_GraphToFunction: {
    parameters: [
      pointer,
      buffer,
      "u8",
      "i32",
      pointer,
      "i32",
      buffer,
      "i32",
      buffer,
      pointer,
      pointer,
      pointer,
      pointer,
    ],
    result: pointer,
  },
  TF_GraphToGraphDef: { parameters: [pointer, pointer, pointer], result: "void" },
  TF_NewBuffer: { parameters: [], result: pointer },
  TF_DeleteBuffer: { parameters: [pointer], result: "void" },
  TF_DeleteFunction: { parameters: [pointer], result: "void" },
} as const;

/** The functions of the library. */
export type TensorflowSymbols = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** An opened library with its status object. */
export class TensorflowLibrary {
  readonly path: string;
  readonly symbols: TensorflowSymbols;
  readonly version: string;
  readonly status: Deno.PointerValue;
  readonly #strings = new Map<string, Uint8Array<ArrayBuffer>>();

  /** @param path The file libtensorflow_cc, with libtensorflow_framework beside it */
  constructor(path: string) {
    this.path = path;
    this.symbols = Deno.dlopen(path, symbols).symbols;
    this.#keepLoaded();
    this.status = this.symbols.TF_NewStatus();
    this.version = readString(this.symbols.TF_Version());
  }

  /**
   * Opens the library once more, never to be closed. Deno closes it when the program ends, while its threads
   * still run; beside another native library, such as the one that decodes pictures, that ended in a
   * segmentation fault.
   */
  #keepLoaded(): void {
    const RTLD_LAZY = 1;
    this.symbols.dlopen?.(this.string(this.path), RTLD_LAZY);
  }

  /** Fails with TensorFlow's own message if the last call failed, once: not every call that succeeds says so. */
  check(doing: string): void {
    if (this.symbols.TF_GetCode(this.status) !== 0) {
      const message = readString(this.symbols.TF_Message(this.status)).split("\n")[0];
      this.symbols.TF_SetStatus(this.status, 0, this.string(""));
      throw new Error(`Cannot ${doing}: TensorFlow says ${message}`);
    }
  }

  /** A zero-terminated string; names of ops and attributes repeat, so they are kept. */
  string(text: string): Uint8Array<ArrayBuffer> {
    let bytes = this.#strings.get(text);
    if (!bytes) this.#strings.set(text, bytes = new TextEncoder().encode(`${text}\0`));
    return bytes;
  }
}

/** Reads a zero-terminated string. */
export function readString(address: Deno.PointerValue): string {
  return address ? Deno.UnsafePointerView.getCString(address) : "";
}
