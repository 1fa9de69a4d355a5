import { createRandom } from "@realign/core";
import { assertClose } from "@realign/core/testing";
import assert from "node:assert/strict";
import { writeMessage } from "../wire/write.ts";
import { readOnnx } from "./model.ts";
import { ONNX, type OnnxMessage } from "./schema.ts";
import { floats, ints, onnxFile, type WrittenModel } from "./testing.ts";

const relu: WrittenModel = { nodes: [["Relu", "x", "y"]] };

/** The array of one tensor. */
async function arrayOf(
  tensor: OnnxMessage<"Tensor">,
  beside?: (path: string) => Promise<Uint8Array>,
) {
  const bytes = onnxFile({ ...relu, weights: [{ name: "w", ...tensor }] });
  const { constants } = await readOnnx(bytes, { origin: "m.onnx", readBeside: beside });
  return constants.get("w")!;
}

Deno.test("readOnnx() tells inputs without weights, outputs, nodes and their names", async () => {
  const bytes = onnxFile({
    nodes: [["Conv", "x w", "a", { strides: [2, 2] }], ["Relu", "a", "y"]],
    weights: [floats("w", [1, 3, 1, 1], [1, 2, 3])],
    dims: ["N", 3, 8, "width"],
    opset: 13,
  });
  const model = await readOnnx(bytes, { origin: "m.onnx" });
  assert.equal(model.opset, 13);
  assert.equal(model.producer, "test");
  assert.deepEqual(model.inputs, [{ name: "x", type: "float32", dims: ["N", 3, 8, "width"] }]);
  assert.deepEqual(model.outputs.map(({ name }) => name), ["y"]);
  assert.deepEqual(
    model.nodes.map(({ operator, name, inputs, outputs }) => [operator, name, inputs, outputs]),
    [["Conv", "Conv_0", ["x", "w"], ["a"]], ["Relu", "Relu_1", ["a"], ["y"]]],
  );
  assert.deepEqual(model.nodes[0].attributes.ints("strides", []), [2, 2]);
  assertClose(model.constants.get("w")!.data, [1, 2, 3]);
});

Deno.test("readOnnx() reads numbers of every type, raw or as fields", async () => {
  const bytes = (numbers: { readonly buffer: ArrayBuffer }) => new Uint8Array(numbers.buffer);
  const halves = Uint16Array.of(0x3c00, 0xc000);
  const upper = Uint16Array.of(0x3f80, 0xc000);
  const cases: [OnnxMessage<"Tensor">, number[], string][] = [
    [{ type: 1, raw: bytes(Float32Array.of(1, -2)) }, [1, -2], "float"],
    [{ type: 1, floats: [1, -2] }, [1, -2], "float"],
    [{ type: 2, raw: Uint8Array.of(1, 255) }, [1, 255], "int"],
    [{ type: 3, raw: Uint8Array.of(1, 255) }, [1, -1], "int"],
    [{ type: 4, raw: bytes(Uint16Array.of(1, 65535)) }, [1, 65535], "int"],
    [{ type: 5, raw: bytes(Int16Array.of(1, -2)) }, [1, -2], "int"],
    [{ type: 6, raw: bytes(Int32Array.of(1, -2)) }, [1, -2], "int"],
    [{ type: 6, int32s: [1, -2] }, [1, -2], "int"],
    [{ type: 7, raw: bytes(BigInt64Array.of(1n, -2n)) }, [1, -2], "int"],
    [{ type: 7, int64s: [1, -(2 ** 63)] }, [1, -(2 ** 63)], "int"],
    [{ type: 9, raw: Uint8Array.of(1, 0) }, [1, 0], "bool"],
    [{ type: 9, int32s: [1, 0] }, [1, 0], "bool"],
    [{ type: 10, raw: bytes(halves) }, [1, -2], "float"],
    [{ type: 10, int32s: [...halves] }, [1, -2], "float"],
    [{ type: 11, raw: bytes(Float64Array.of(1, -2)) }, [1, -2], "float"],
    [{ type: 11, doubles: [1, -2] }, [1, -2], "float"],
    [{ type: 12, raw: bytes(Uint32Array.of(1, 2 ** 31)) }, [1, 2 ** 31], "int"],
    [{ type: 13, uint64s: [1, 2] }, [1, 2], "int"],
    [{ type: 16, raw: bytes(upper) }, [1, -2], "float"],
    [{ type: 16, int32s: [...upper] }, [1, -2], "float"],
  ];
  for (const [tensor, expected, kind] of cases) {
    const array = await arrayOf({ ...tensor, dims: [2] });
    assert.deepEqual([[...array.data], array.kind], [expected, kind], JSON.stringify(tensor));
  }
});

Deno.test("readOnnx() reads weights beside the model, each file once", async () => {
  const asked: string[] = [];
  const file = new Uint8Array(Float32Array.of(9, 1, 2, 3).buffer);
  const beside = (name: string, offset: number, length: number): OnnxMessage<"Tensor"> => ({
    name,
    dims: [length / 4],
    type: 1,
    location: 1,
    external: [
      { key: "location", value: "sub/m.data" },
      { key: "offset", value: `${offset}` },
      { key: "length", value: `${length}` },
    ],
  });
  const bytes = onnxFile({ ...relu, weights: [beside("a", 4, 8), beside("b", 12, 4)] });
  const { constants } = await readOnnx(bytes, {
    readBeside: (location) => {
      asked.push(location);
      return Promise.resolve(file);
    },
  });
  assert.deepEqual(["a", "b"].map((name) => [...constants.get(name)!.data]), [[1, 2], [3]]);
  assert.deepEqual(asked, ["sub/m.data"]);
  await assert.rejects(
    () => readOnnx(bytes),
    /"a" lies in sub\/m.data, which is not there: put it/,
  );
  const cut = () => Promise.resolve(file.subarray(0, 8));
  await assert.rejects(
    () => readOnnx(bytes, { readBeside: cut }),
    /must lie within .* byte 12 of 8$/,
  );
});

Deno.test("readOnnx() holds weights to the model's folder", async () => {
  const places = [
    "../m.data",
    "/etc/passwd",
    "a/../../b",
    "a//b",
    "C:m",
    "a\\..\\b",
    "",
    "..",
    "a\0b",
  ];
  for (const value of places) {
    const tensor = { dims: [1], type: 1, location: 1, external: [{ key: "location", value }] };
    await assert.rejects(
      arrayOf(tensor, () => assert.fail(`${value} was asked for`)),
      /^Error: Cannot read m.onnx as "w" must lie in the model's folder/,
    );
  }
});

Deno.test("readOnnx() refuses what it cannot read in one line", async () => {
  const graph = { outputs: [{ name: "x" }], inputs: [{ name: "x" }] };
  const cases: [Uint8Array, RegExp][] = [
    [Uint8Array.of(), /it is not an ONNX file: it has no graph$/],
    [new TextEncoder().encode("PK\x03\x04 and more"), /m\.onnx as it is not an ONNX file$/],
    [onnxFile({ ...relu, opset: 10 }), /its opset must be from 11 to 22: current opset is 10$/],
    [onnxFile({ ...relu, opset: 23 }), /current opset is 23$/],
    [
      writeMessage(ONNX, "Model", { opsets: [{ domain: "other", version: 17 }], graph }),
      /opset is 1$/,
    ],
    [
      onnxFile({ nodes: [["Relu", "z", "y"]] }),
      /Relu "Relu_0" takes "z", which nothing before it makes$/,
    ],
    [
      onnxFile({ nodes: [["Identity", "x", "x"], ["Relu", "x", "y"]] }),
      /Identity "Identity_0" makes "x", which is there before$/,
    ],
    [
      onnxFile({ nodes: [["Relu", "x", "y"], ["Identity", "y", "y"]] }),
      /Identity "Identity_1" makes "y", which is there before$/,
    ],
    [onnxFile({ ...relu, outputs: "z" }), /its output "z" is made by no node$/],
    [onnxFile({ ...relu, outputs: "" }), /it has no outputs$/],
    [
      onnxFile({ ...relu, weights: [floats("w", [3], [1])] }),
      /"w" must have 12 bytes for float32 \[3\]: it has 4$/,
    ],
    [
      onnxFile({ ...relu, weights: [ints("w", [1], [2 ** 40])] }),
      /"w" must have 1099511627776 numbers/,
    ],
    [
      onnxFile({ ...relu, weights: [ints("w", [], [-1])] }),
      /"w" must have a shape: current shape is \[-1\]$/,
    ],
    [
      onnxFile({ ...relu, weights: [{ name: "w", type: 8 }] }),
      /"w" must be of float32, .*: it is of type 8$/,
    ],
  ];
  for (const [bytes, message] of cases) {
    await assert.rejects(readOnnx(bytes, { origin: "m.onnx" }), (error: Error) => {
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot read m\.onnx as [^\n]+$/);
      return true;
    });
  }
});

Deno.test("readOnnx() of 200 mutated files gives a model or one line", async () => {
  const bytes = onnxFile({
    nodes: [["Conv", "x w b", "a", { pads: [1, 1, 1, 1] }], ["Relu", "a", "c"], [
      "Reshape",
      "c s",
      "y",
    ]],
    weights: [
      floats("w", [2, 3, 3, 3], new Float32Array(54)),
      floats("b", [2], [1, 2]),
      ints("s", [0, -1]),
    ],
  });
  const random = createRandom(5);
  let refused = 0;
  for (let round = 0; round < 200; round++) {
    const mutated = bytes.slice(0, round % 4 ? bytes.length : random.integer(bytes.length));
    for (let k = 0; k <= round % 3 && mutated.length > 0; k++) {
      mutated[random.integer(mutated.length)] = random.integer(256);
    }
    await readOnnx(mutated, { origin: "m.onnx" }).catch((error: Error) => {
      refused++;
      assert.match(error.message, /^Cannot read m\.onnx as [^\n]+$/);
    });
  }
  assert.ok(refused > 50, `${refused} of 200 were refused`);
});
