import assert from "node:assert/strict";
import { describeOtherFormat } from "./other_formats.ts";
import { parseSafetensors } from "./safetensors.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A zip of empty files: nothing but their headers and the directory. */
function zip(...names: string[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const entries: Uint8Array[] = [];
  let position = 0;
  for (const name of names) {
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(26, name.length, true);
    const entry = new DataView(new ArrayBuffer(46));
    entry.setUint32(0, 0x02014b50, true);
    entry.setUint16(28, name.length, true);
    entry.setUint32(42, position, true);
    locals.push(join(new Uint8Array(local.buffer), bytesOf(name)));
    entries.push(join(new Uint8Array(entry.buffer), bytesOf(name)));
    position += 30 + name.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint32(16, position, true);
  return join(...locals, ...entries, new Uint8Array(end.buffer));
}

/** A field of bytes of a protobuf message. */
const field = (number: number, text: string) =>
  join(Uint8Array.of(number * 8 + 2, text.length), bytesOf(text));

const tar = new Uint8Array(1024);
tar.set(bytesOf("ustar"), 257);

const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
  [
    "a zip of PyTorch",
    zip("archive/data.pkl", "archive/data/0"),
    /checkpoint of PyTorch.*save_file/,
  ],
  ["an old file of PyTorch", bytesOf("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."), /of PyTorch/],
  ["a pickle", bytesOf("\x80\x04}q\0."), /of PyTorch, .*weights_only=True/],
  ["an npz file", zip("a.npy", "b.npy"), /npz file of NumPy, .*numpy\.load/],
  ["a file of Keras 3", zip("config.json", "model.weights.h5"), /a file of Keras/],
  ["a zip", zip("weights/a.safetensors"), /a zip archive, .*unpack it/],
  ["HDF5", bytesOf("\x89HDF\r\n\x1a\n rest"), /an HDF5 file, as Keras writes/],
  ["gzip", bytesOf("\x1f\x8b\x08\0\0\0\0\0\0\x03"), /gzip-compressed data/],
  ["tar", tar, /a tar archive/],
  [
    "ONNX",
    join(Uint8Array.of(8, 8), field(2, "pytorch"), field(7, "graph")),
    /ONNX model.*initializer/,
  ],
  ["a SavedModel", join(Uint8Array.of(8, 1), field(2, "meta graph")), /a SavedModel of TensorFlow/],
  ["a graph", field(1, "\n\x01a\x12\x05Const"), /a graph of TensorFlow/],
  ["TF.js", bytesOf('{"format": "layers-model", "modelTopology": {}}'), /model of TensorFlow\.js/],
  ["an index", bytesOf('{"metadata": {}, "weight_map": {}}'), /index of several weight files/],
  ["JSON", bytesOf('{"a": 1}   '), /a JSON file/],
  ["a web page", bytesOf("<!DOCTYPE html><html>"), /a web page, .*download the file itself/],
  ["Git LFS", bytesOf("version https://git-lfs.github.com/spec/v1\n"), /git lfs pull/],
];

for (const [name, bytes, message] of cases) {
  Deno.test(`parseSafetensors identifies ${name}`, () => {
    assert.throws(() => parseSafetensors(bytes, "my net.pth"), (error: Error) => {
      assert.match(error.message, /^Cannot read the weights of my net\.pth as it is /);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });
}

Deno.test("describeOtherFormat quotes paths for the shell, and does not identify noise", () => {
  const advice = describeOtherFormat(zip("x/data.pkl"), "it's a net.pth")!;
  assert.ok(advice.endsWith(`'it'\\''s a net.pth' 'it'\\''s a net.safetensors'`), advice);
  assert.equal(describeOtherFormat(new Uint8Array(0), "x"), undefined);
  assert.equal(describeOtherFormat(Uint8Array.of(1, 2, 3, 4, 5), "x"), undefined);
  const cut = zip("a.npy").subarray(0, 20);
  assert.match(describeOtherFormat(cut, "x")!, /a zip archive/);
});
