import assert from "node:assert/strict";
import { ONNX, type OnnxMessage, OnnxType } from "../onnx/schema.ts";
import { writeMessage } from "../wire/mod.ts";
import { checkOnnx } from "./check_onnx.ts";

const value = (name: string) => ({
  name,
  type: { tensor: { type: OnnxType.float32, shape: { dims: [{ size: 2 }] } } },
});

const node = (inputs: string[], outputs: string[]) => (
  { inputs, outputs, name: "Add_0", operator: "Add", attributes: [] }
);

/** x + c, well formed; parts of its graph can be exchanged. */
function model(changes: OnnxMessage<"Graph"> = {}): Uint8Array {
  const raw = new Uint8Array(8);
  return writeMessage(ONNX, "Model", {
    irVersion: 8,
    producer: "test",
    opsets: [{ version: 18 }],
    metadata: [],
    graph: {
      name: "g",
      nodes: [node(["x", "c"], ["y"])],
      initializers: [{ dims: [2], type: OnnxType.float32, name: "c", raw }],
      inputs: [value("x")],
      outputs: [value("y")],
      ...changes,
    },
  });
}

Deno.test("checkOnnx takes a well formed model, and names what is wrong with others", () => {
  assert.equal(checkOnnx(model()).graph?.nodes?.[0].operator, "Add");
  const cases: [OnnxMessage<"Graph">, RegExp][] = [
    [{ initializers: [] }, /Add_0 \(Add\) reads c, which is not made$/],
    [{ outputs: [value("z")] }, /its output z is not made$/],
    [{ nodes: [node(["x", "c"], ["x"])] }, /x is made twice$/],
    [
      {
        initializers: [
          { dims: [3], type: OnnxType.float32, name: "c", raw: new Uint8Array(8) },
        ],
      },
      /c must have 12 bytes for float32 \[3\]: it has 8$/,
    ],
    [{ nodes: [node(["y", "c"], ["z"]), node(["x", "c"], ["y"])] }, /reads y, which is not made$/],
  ];
  for (const [changes, message] of cases) assert.throws(() => checkOnnx(model(changes)), message);
});
