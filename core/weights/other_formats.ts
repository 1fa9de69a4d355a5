/**
 * Identifies files that are not safetensors, and says how to convert them.
 *
 * @module
 */
import { type ProtobufKind, protobufKind } from "./protobuf_kind.ts";
import { zipNames } from "./zip_names.ts";

/** A shell command that converts a file with one line of Python. */
function python(origin: string, code: string): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const target = `${origin.replace(/\.[A-Za-z0-9]+$/, "")}.safetensors`;
  return `python3 -c "import sys; ${code}" ${quote(origin)} ${quote(target)}`;
}

const torchCode = "import torch; from safetensors.torch import save_file; " +
  "d = torch.load(sys.argv[1], map_location='cpu', weights_only=True); d = d.get('state_dict', d); " +
  "save_file({k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, sys.argv[2])";
const onnxCode = "import onnx; from onnx import numpy_helper; " +
  "from safetensors.numpy import save_file; " +
  "save_file({t.name: numpy_helper.to_array(t) for t in onnx.load(sys.argv[1]).graph.initializer}, sys.argv[2])";
const numpyCode = "import numpy; from safetensors.numpy import save_file; " +
  "save_file(dict(numpy.load(sys.argv[1])), sys.argv[2])";

const otherNames =
  "its weights have other names and layouts: save them with safetensors.numpy.save_file, under PyTorch's names, " +
  "kernels as [out, in, height, width]";

interface Format {
  readonly is: string;
  readonly advice: (origin: string) => string;
}

const torch: Format = {
  is: "a checkpoint of PyTorch",
  advice: (origin) => `convert it with: ${python(origin, torchCode)}`,
};
const keras: Format = { is: "a file of Keras", advice: () => otherNames };
const archive = (is: string): Format => ({
  is,
  advice: () => "unpack it and use the safetensors file in it",
});

const protobufs: Readonly<Record<ProtobufKind, Format>> = {
  onnx: {
    is: "an ONNX model",
    advice: (origin) =>
      `save the state dict of the original model, or, if the names were kept: ${
        python(origin, onnxCode)
      }`,
  },
  "saved-model": { is: "a SavedModel of TensorFlow", advice: () => otherNames },
  graph: { is: "a graph of TensorFlow", advice: () => otherNames },
};

/** Signatures, with their position. */
const magics: readonly (readonly [position: number, magic: string, Format])[] = [
  [0, "\x89HDF\r\n\x1a\n", { is: "an HDF5 file, as Keras writes", advice: () => otherNames }],
  [0, "\x93NUMPY", { is: "a NumPy array without a name", advice: () => otherNames }],
  [0, "\x1f\x8b", archive("gzip-compressed data")],
  [0, "BZh", archive("bzip2-compressed data")],
  [0, "\xfd7zXZ\0", archive("xz-compressed data")],
  [0, "\x28\xb5\x2f\xfd", archive("zstd-compressed data")],
  [0, "7z\xbc\xaf\x27\x1c", archive("a 7z archive")],
  [257, "ustar", archive("a tar archive")],
  [4, "TFL3", { is: "a TensorFlow Lite model", advice: () => otherNames }],
  [0, "GGUF", { is: "a GGUF file", advice: () => "save the model's state dict as safetensors" }],
  [0, "version https://git-lfs", {
    is: "a Git LFS pointer instead of the file",
    advice: () => "fetch the file with: git lfs pull",
  }],
];

/**
 * Identifies a file by its content.
 *
 * @param bytes The whole file, which is not safetensors
 * @param origin Its path, for the advice
 * @returns E.g. "it is an ONNX model, not a safetensors file: ..."; undefined if it is unknown
 */
export function describeOtherFormat(bytes: Uint8Array, origin: string): string | undefined {
  const format = formatOf(bytes);
  return format && `it is ${format.is}, not a safetensors file: ${format.advice(origin)}`;
}

function formatOf(bytes: Uint8Array): Format | undefined {
  const startsWith = (position: number, magic: string) =>
    magic.length + position <= bytes.length &&
    [...magic].every((letter, index) => bytes[position + index] === letter.charCodeAt(0));
  const known = magics.find(([position, magic]) => startsWith(position, magic));
  if (known) return known[2];
  if (startsWith(0, "PK\x03\x04") || startsWith(0, "PK\x05\x06")) return zipFormat(bytes);
  // A pickle: its protocol, and STOP at its end. PyTorch's old files are several in a row, then numbers.
  const isPickle = bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
  if (isPickle) return torch;
  const text = new TextDecoder().decode(bytes.subarray(0, 4096)).trimStart();
  if (/^<(!doctype|html|\?xml)/i.test(text)) {
    return { is: "a web page", advice: () => "download the file itself" };
  }
  if (text.startsWith("{")) return jsonFormat(text);
  const protobuf = protobufKind(bytes);
  return protobuf && protobufs[protobuf];
}

function zipFormat(bytes: Uint8Array): Format {
  const names = zipNames(bytes);
  if (names.some((name) => /(^|\/)data\.pkl$/.test(name))) return torch;
  if (names.length > 0 && names.every((name) => name.endsWith(".npy"))) {
    return {
      is: "an npz file of NumPy",
      advice: (origin) => `convert it with: ${python(origin, numpyCode)}`,
    };
  }
  if (names.some((name) => /\.weights\.h5$/.test(name))) return keras;
  return archive("a zip archive");
}

function jsonFormat(text: string): Format {
  if (/"(modelTopology|weightsManifest)"/.test(text)) {
    return { is: "a model of TensorFlow.js", advice: () => otherNames };
  }
  if (text.includes('"weight_map"')) {
    return {
      is: "an index of several weight files",
      advice: () => "merge them with safetensors.torch.load_file and save_file",
    };
  }
  return { is: "a JSON file", advice: () => "use the weights file" };
}
