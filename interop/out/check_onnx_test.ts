import assert from "node:assert/strict";
import { writeMessage } from "../graph/wire.ts";
import { checkOnnx } from "./check_onnx.ts";
import { ONNX, type OnnxModel, OnnxType } from "./onnx_schema.ts";

const value = (name: string) => ({
  name,
  type: { tensor: { type: OnnxType.float32, shape: { dims: [{ value: 2 }] } } },
});

const node = (inputs: string[], outputs: string[]) => (
  { inputs, outputs, name: "Add_0", op: "Add", attributes: [] }
);

/** x + c, well formed; parts of its graph can be exchanged. */
function model(changes: Partial<OnnxModel["graph"]> = {}): Uint8Array {
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
  assert.equal(checkOnnx(model()).graph.nodes[0].op, "Add");
  const cases: [Partial<OnnxModel["graph"]>, RegExp][] = [
    [{ initializers: [] }, /Add_0 \(Add\) reads c, which is not made$/],
    [{ outputs: [value("z")] }, /its output z is not made$/],
    [{ nodes: [node(["x", "c"], ["x"])] }, /x is made twice$/],
    [
      {
        initializers: [
          { dims: [3], type: OnnxType.float32, name: "c", raw: new Uint8Array(8) },
        ],
      },
      /c of \[3\] has 8 bytes$/,
    ],
    [{ nodes: [node(["y", "c"], ["z"]), node(["x", "c"], ["y"])] }, /reads y, which is not made$/],
  ];
  for (const [changes, message] of cases) assert.throws(() => checkOnnx(model(changes)), message);
});
